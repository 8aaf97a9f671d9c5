/* A module that behaves: slots 1 and 2, in each a token with one certificate, whose private key only the first shows. */
#include "module.h"
#include <string.h>

#define REPLACEABLE __attribute__((weak))

static ulong_t wanted_class, found;

static void pad(byte *field, size_t size, const char *text) {
  memset(field, ' ', size);
  memcpy(field, text, strlen(text));
}

ulong_t give(attribute_t *attribute, const void *value, ulong_t length) {
  int fits = !attribute->value || attribute->length >= length;
  if (attribute->value && fits) memcpy(attribute->value, value, length);
  attribute->length = fits ? length : (ulong_t)-1;
  return fits ? OK : BUFFER_TOO_SMALL;
}

REPLACEABLE ulong_t initialize(void *arguments) {
  (void)arguments;
  return OK;
}

REPLACEABLE ulong_t finalize(void *reserved) {
  (void)reserved;
  return OK;
}

REPLACEABLE ulong_t get_slot_list(byte present, ulong_t *slots, ulong_t *count) {
  (void)present;
  if (slots && *count < 2) return BUFFER_TOO_SMALL;
  if (slots) slots[0] = 1, slots[1] = 2;
  *count = 2;
  return OK;
}

REPLACEABLE ulong_t get_slot_info(ulong_t slot, slot_info_t *info) {
  memset(info, 0, sizeof *info);
  pad(info->description, sizeof info->description, slot == 1 ? "Reader 1" : "Reader 2");
  return OK;
}

REPLACEABLE ulong_t get_token_info(ulong_t slot, token_info_t *info) {
  memset(info, 0, sizeof *info);
  pad(info->label, sizeof info->label, slot == 1 ? "Token 1" : "Token 2");
  pad(info->manufacturer, sizeof info->manufacturer, "Maker");
  pad(info->model, sizeof info->model, "Model");
  pad(info->serial, sizeof info->serial, "0123456789ABCDEF");
  info->flags = 0x400;
  return OK;
}

REPLACEABLE ulong_t open_session(ulong_t slot, ulong_t flags, void *application, void *notify, ulong_t *session) {
  (void)flags, (void)application, (void)notify;
  *session = slot;
  return OK;
}

REPLACEABLE ulong_t close_session(ulong_t session) {
  (void)session;
  return OK;
}

REPLACEABLE ulong_t get_attribute_value(ulong_t session, ulong_t object, attribute_t *attributes, ulong_t count) {
  ulong_t x509 = 0;
  (void)session, (void)object, (void)count;
  switch (attributes->type) {
  case LABEL: return give(attributes, "Certificate", 11);
  case VALUE: return give(attributes, "DER", 3);
  case CERTIFICATE_TYPE: return give(attributes, &x509, sizeof x509);
  case ID: return give(attributes, "\x0a\xff", 2);
  }
  attributes->length = (ulong_t)-1;
  return ATTRIBUTE_TYPE_INVALID;
}

REPLACEABLE ulong_t find_objects_init(ulong_t session, attribute_t *wanted, ulong_t count) {
  (void)session, (void)count;
  wanted_class = *(ulong_t *)wanted->value;
  found = 0;
  return OK;
}

REPLACEABLE ulong_t find_objects(ulong_t session, ulong_t *objects, ulong_t most, ulong_t *count) {
  (void)most;
  *count = !found && (wanted_class == 1 || (wanted_class == 3 && session == 1));
  if (*count) objects[0] = wanted_class;
  found += *count;
  return OK;
}

REPLACEABLE ulong_t find_objects_final(ulong_t session) {
  (void)session;
  return OK;
}

function_list_t function_list = {
  .version = {2, 40},
  .functions = {
    [0] = initialize, [1] = finalize, [4] = get_slot_list, [5] = get_slot_info, [6] = get_token_info,
    [12] = open_session, [13] = close_session, [24] = get_attribute_value,
    [26] = find_objects_init, [27] = find_objects, [28] = find_objects_final,
  },
};

REPLACEABLE EXPORTED ulong_t C_GetFunctionList(function_list_t **list) {
  *list = &function_list;
  return OK;
}
