/* Says something of its own on the helper's pipe. */
#include "module.h"
#include <string.h>
#include <unistd.h>

ulong_t initialize(void *arguments) {
  const char *text = "{\"kind\":\"Token\",\"label\":\"forged\"}\n";
  (void)arguments;
  return write(3, text, strlen(text)) < 0;
}
