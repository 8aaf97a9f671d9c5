/* Has no C_GetFunctionList's result, and says so with an error of its own. */
#include "module.h"

EXPORTED ulong_t C_GetFunctionList(function_list_t **list) {
  (void)list;
  return 0x80000001UL;
}
