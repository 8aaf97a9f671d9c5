/* Claims more slots than there is memory. */
#include "module.h"

ulong_t get_slot_list(byte present, ulong_t *slots, ulong_t *count) {
  (void)present, (void)slots;
  *count = 0xfffffff0UL;
  return OK;
}
