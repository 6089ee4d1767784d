// Swift cannot call C functions with variable arguments, and curl_easy_setopt and curl_easy_getinfo are such:
// each type of argument has a function of its own here.
#ifndef ERPQ_CURL_SHIM_H
#define ERPQ_CURL_SHIM_H

#include <curl/curl.h>

static inline CURLcode erpq_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode erpq_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode erpq_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode erpq_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode erpq_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(handle, option, value);
}

// Receives bytes of the body or a line of the head; the answer is how many were taken.
typedef size_t (*erpq_curl_receiver)(char *bytes, size_t size, size_t count, void *context);
// Asked several times a second: an answer other than 0 stops the transfer.
typedef int (*erpq_curl_watcher)(void *context, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

static inline CURLcode erpq_curl_set_receiver(CURL *handle, CURLoption option, erpq_curl_receiver value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode erpq_curl_set_watcher(CURL *handle, erpq_curl_watcher value) {
  return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, value);
}

static inline long erpq_curl_long(CURL *handle, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : 0;
}

static inline double erpq_curl_double(CURL *handle, CURLINFO info) {
  double value = 0;
  return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : 0;
}

static inline const char *erpq_curl_text(CURL *handle, CURLINFO info) {
  char *value = NULL;
  return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : NULL;
}

#endif
