/* Finds objects without an end. */
#include "module.h"

ulong_t find_objects(ulong_t session, ulong_t *objects, ulong_t most, ulong_t *count) {
  (void)session;
  for (ulong_t index = 0; index < most; index++) objects[index] = index;
  *count = most;
  return OK;
}
