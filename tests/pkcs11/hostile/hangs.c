/* Hangs at the second token; holds the file $HOME/alive open meanwhile. */
#include "module.h"
#include "alive.h"

ulong_t open_session(ulong_t slot, ulong_t flags, void *application, void *notify, ulong_t *session) {
  (void)flags, (void)application, (void)notify;
  if (slot == 2) {
    hold_alive();
    for (;;) pause();
  }
  *session = slot;
  return OK;
}
