/* Gives an address for its functions where there is nothing. */
#include "module.h"

EXPORTED ulong_t C_GetFunctionList(function_list_t **list) {
  *list = (function_list_t *)0x1234;
  return OK;
}
