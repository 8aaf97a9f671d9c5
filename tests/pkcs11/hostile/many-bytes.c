/* Has a thousand certificates of nearly 64 KiB. */
#include "module.h"
#include <string.h>

static ulong_t left;

ulong_t find_objects_init(ulong_t session, attribute_t *wanted, ulong_t count) {
  (void)session, (void)count;
  left = *(ulong_t *)wanted->value == 1 ? 1000 : 0;
  return OK;
}

ulong_t find_objects(ulong_t session, ulong_t *objects, ulong_t most, ulong_t *count) {
  (void)session;
  *count = left < most ? left : most;
  memset(objects, 0, *count * sizeof *objects);
  left -= *count;
  return OK;
}

ulong_t get_attribute_value(ulong_t session, ulong_t object, attribute_t *attributes, ulong_t count) {
  static byte value[0xffff];
  ulong_t x509 = 0;
  (void)session, (void)object, (void)count;
  if (attributes->type == CERTIFICATE_TYPE) return give(attributes, &x509, sizeof x509);
  return give(attributes, value, attributes->type == VALUE ? sizeof value : 0);
}
