// Swift cannot call C functions with variable arguments, and el_set takes nothing else: each use that
// the editor makes of it has a function of its own here.
#ifndef ERPQ_EDITLINE_SHIM_H
#define ERPQ_EDITLINE_SHIM_H

#include <histedit.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

// A function that a key can be bound to: the editor and the key; the answer is one of CC_NORM … .
typedef unsigned char (*erpq_el_function)(EditLine *, int);
// Reads one character: 1 when there is one, 0 at the end of input, -1 on an error.
typedef int (*erpq_el_reader)(EditLine *, wchar_t *);

static inline int erpq_el_set_reader(EditLine *el, erpq_el_reader reader) {
  return el_wset(el, EL_GETCFN, reader);
}

static inline int erpq_el_set_context(EditLine *el, void *context) {
  return el_wset(el, EL_CLIENTDATA, context);
}

static inline void *erpq_el_context(EditLine *el) {
  void *context = NULL;
  return el_wget(el, EL_CLIENTDATA, &context) == 0 ? context : NULL;
}

static inline int erpq_el_define(EditLine *el, const char *name, const char *help, erpq_el_function function) {
  return el_set(el, EL_ADDFN, name, help, function);
}

// Binds a key (in the notation of editrc) in the main key map.
static inline int erpq_el_bind(EditLine *el, const char *key, const char *function) {
  return el_set(el, EL_BIND, key, function, NULL);
}

// Binds a key in the alternative key map: vi's command mode.
static inline int erpq_el_bind_alternative(EditLine *el, const char *key, const char *function) {
  return el_set(el, EL_BIND, "-a", key, function, NULL);
}

// Chooses the key map, "emacs" or "vi". Forgets all bindings made before.
static inline int erpq_el_set_keys(EditLine *el, const char *name) {
  return el_set(el, EL_EDITOR, name);
}

static inline int erpq_el_has_vi_keys(EditLine *el) {
  const wchar_t *name = NULL;
  return el_wget(el, EL_EDITOR, &name) == 0 && name != NULL && name[0] == L'v';
}

// While a line is edited, Ctrl-C and Ctrl-Z are keys and not signals, and Ctrl-S does not stop the output.
static inline int erpq_el_keep_keys(EditLine *el) {
  return el_set(el, EL_SETTY, "-d", "-isig", "-ixon", NULL);
}

static inline int erpq_el_set_editing(EditLine *el, int on) {
  return el_set(el, EL_EDITMODE, on);
}

static inline int erpq_el_set_raw(EditLine *el, int on) {
  return el_set(el, EL_PREP_TERM, on);
}

// Makes the thread read characters as UTF-8, whatever the locale, and returns what to restore.
static inline locale_t erpq_use_utf8(locale_t utf8) {
  return utf8 == (locale_t)0 ? (locale_t)0 : uselocale(utf8);
}

static inline void erpq_restore_locale(locale_t before) {
  if (before != (locale_t)0) uselocale(before);
}

static inline locale_t erpq_utf8_locale(void) {
  locale_t found = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
  return found != (locale_t)0 ? found : newlocale(LC_CTYPE_MASK, "", (locale_t)0);
}

static inline void erpq_free_locale(locale_t found) {
  if (found != (locale_t)0) freelocale(found);
}

// Columns and rows of a terminal; 0 when they are known, -1 otherwise.
static inline int erpq_window_size(int fd, int *columns, int *rows) {
  struct winsize size;
  memset(&size, 0, sizeof size);
  if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return -1;
  *columns = size.ws_col;
  *rows = size.ws_row;
  return 0;
}

#endif
