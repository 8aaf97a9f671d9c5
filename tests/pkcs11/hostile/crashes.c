/* Crashes at the second token. */
#include "module.h"

ulong_t open_session(ulong_t slot, ulong_t flags, void *application, void *notify, ulong_t *session) {
  (void)flags, (void)application, (void)notify;
  if (slot == 2) *(volatile int *)8 = 1;
  *session = slot;
  return OK;
}
