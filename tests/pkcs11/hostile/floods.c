/* Fills the helper's pipe without an end, and without a line's end. */
#include "module.h"
#include <string.h>
#include <unistd.h>

ulong_t initialize(void *arguments) {
  static char text[65536];
  (void)arguments;
  memset(text, ' ', sizeof text);
  for (;;) write(3, text, sizeof text);
}
