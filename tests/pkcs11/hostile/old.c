/* Speaks PKCS #11 1.0. */
#include "module.h"

EXPORTED ulong_t C_GetFunctionList(function_list_t **list) {
  function_list.version.major = 1;
  function_list.version.minor = 0;
  *list = &function_list;
  return OK;
}
