/* Claims a certificate of 100 MiB. */
#include "module.h"

ulong_t get_attribute_value(ulong_t session, ulong_t object, attribute_t *attributes, ulong_t count) {
  ulong_t x509 = 0;
  (void)session, (void)object, (void)count;
  if (attributes->type == CERTIFICATE_TYPE) return give(attributes, &x509, sizeof x509);
  attributes->length = attributes->type == VALUE ? 100UL << 20 : 0;
  return OK;
}
