/* Can't be initialized. */
#include "module.h"

ulong_t initialize(void *arguments) {
  (void)arguments;
  return GENERAL_ERROR;
}
