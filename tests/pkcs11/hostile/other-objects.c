/* In slot 1 a certificate that is no X.509 (CKC_WTLS), in slot 2 one without a value. */
#include "module.h"

ulong_t get_attribute_value(ulong_t session, ulong_t object, attribute_t *attributes, ulong_t count) {
  ulong_t type = session == 1 ? 2 : 0;
  (void)object, (void)count;
  if (attributes->type == CERTIFICATE_TYPE) return give(attributes, &type, sizeof type);
  attributes->length = (ulong_t)-1;
  return ATTRIBUTE_TYPE_INVALID;
}
