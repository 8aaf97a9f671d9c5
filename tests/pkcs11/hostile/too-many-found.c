/* Claims to have found more than was asked for. */
#include "module.h"

ulong_t find_objects(ulong_t session, ulong_t *objects, ulong_t most, ulong_t *count) {
  (void)session;
  objects[0] = 1;
  *count = most + 1;
  return OK;
}
