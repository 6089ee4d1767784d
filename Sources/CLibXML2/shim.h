// Debian's libxml2 is built with ICU, whose headers clash with those inside Foundation; the parser needs none
// of them.
#ifndef ERPQ_LIBXML2_SHIM_H
#define ERPQ_LIBXML2_SHIM_H

#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <string.h>

// What the reader of answers listens to. All of them get the pointer given to erpq_xml_parser.
typedef void (*erpq_xml_opened)(void *context, const char *name);
typedef void (*erpq_xml_closed)(void *context, const char *name);
typedef void (*erpq_xml_text)(void *context, const char *bytes, int count);
typedef void (*erpq_xml_doctype)(void *context);

struct erpq_xml_listener {
  void *context;
  erpq_xml_opened opened;
  erpq_xml_closed closed;
  erpq_xml_text text;
  erpq_xml_doctype doctype;
};

static inline void erpq_xml_on_open(
    void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int spaces,
    const xmlChar **declared, int attributes, int defaulted, const xmlChar **values) {
  (void)prefix, (void)uri, (void)spaces, (void)declared, (void)attributes, (void)defaulted, (void)values;
  struct erpq_xml_listener *listener = data;
  listener->opened(listener->context, (const char *)name);
}

static inline void erpq_xml_on_close(
    void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
  (void)prefix, (void)uri;
  struct erpq_xml_listener *listener = data;
  listener->closed(listener->context, (const char *)name);
}

static inline void erpq_xml_on_text(void *data, const xmlChar *bytes, int count) {
  struct erpq_xml_listener *listener = data;
  listener->text(listener->context, (const char *)bytes, count);
}

static inline void erpq_xml_on_doctype(
    void *data, const xmlChar *name, const xmlChar *external, const xmlChar *system) {
  (void)name, (void)external, (void)system;
  struct erpq_xml_listener *listener = data;
  listener->doctype(listener->context);
}

// The five entities of XML itself; a document cannot define others, because its DOCTYPE is refused.
static inline xmlEntityPtr erpq_xml_on_entity(void *data, const xmlChar *name) {
  (void)data;
  return xmlGetPredefinedEntity(name);
}

static inline void erpq_xml_on_error(void *data, const char *message, ...) { (void)data, (void)message; }
static inline void erpq_xml_on_note(void *data, xmlErrorPtr error) { (void)data, (void)error; }

// A push parser that reaches neither files nor the network and expands no entities.
static inline xmlParserCtxtPtr erpq_xml_parser(struct erpq_xml_listener *listener) {
  xmlSAXHandler handler;
  memset(&handler, 0, sizeof handler);
  handler.initialized = XML_SAX2_MAGIC;
  handler.startElementNs = erpq_xml_on_open;
  handler.endElementNs = erpq_xml_on_close;
  handler.characters = erpq_xml_on_text;
  handler.ignorableWhitespace = erpq_xml_on_text;
  handler.cdataBlock = erpq_xml_on_text;
  handler.internalSubset = erpq_xml_on_doctype;
  handler.getEntity = erpq_xml_on_entity;
  handler.error = erpq_xml_on_error;
  handler.warning = erpq_xml_on_error;
  handler.serror = erpq_xml_on_note;
  xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&handler, listener, NULL, 0, NULL);
  if (parser != NULL) xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_COMPACT);
  return parser;
}

static inline int erpq_xml_feed(xmlParserCtxtPtr parser, const char *bytes, int count, int last) {
  return xmlParseChunk(parser, bytes, count, last);
}

static inline void erpq_xml_stop(xmlParserCtxtPtr parser) { xmlStopParser(parser); }

static inline void erpq_xml_free(xmlParserCtxtPtr parser) {
  if (parser->myDoc != NULL) xmlFreeDoc(parser->myDoc);
  parser->myDoc = NULL;
  xmlFreeParserCtxt(parser);
}

// Where the parser gave up, and why: the message ends with a line break.
static inline int erpq_xml_error_line(xmlParserCtxtPtr parser) { return parser->lastError.line; }
static inline const char *erpq_xml_error_text(xmlParserCtxtPtr parser) { return parser->lastError.message; }

#endif
