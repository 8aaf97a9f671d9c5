/* The token in slot 1 fails, and its name would color a terminal; the other's name is ended by a zero byte. */
#include "module.h"
#include <string.h>

ulong_t get_token_info(ulong_t slot, token_info_t *info) {
  memset(info, ' ', sizeof *info);
  if (slot == 1) memcpy(info->label, "\x1b[31m", 5);
  else memcpy(info->label, "good\0rest", 9);
  info->flags = 0x400;
  return OK;
}

ulong_t open_session(ulong_t slot, ulong_t flags, void *application, void *notify, ulong_t *session) {
  (void)flags, (void)application, (void)notify;
  *session = slot;
  return slot == 1 ? 0x30 : OK;
}
