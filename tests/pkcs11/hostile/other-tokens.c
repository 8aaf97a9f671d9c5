/* The card in slot 1 was pulled out, the token in slot 2 is blank. */
#include "module.h"
#include <string.h>

ulong_t get_token_info(ulong_t slot, token_info_t *info) {
  memset(info, ' ', sizeof *info);
  info->flags = 0;
  return slot == 1 ? 0xe0 : OK;
}

ulong_t open_session(ulong_t slot, ulong_t flags, void *application, void *notify, ulong_t *session) {
  (void)slot, (void)flags, (void)application, (void)notify, (void)session;
  return 0xe1;
}
