/* Prints more than a pipe holds, to standard output and error, and behaves otherwise. */
#include "module.h"
#include <stdio.h>

ulong_t initialize(void *arguments) {
  (void)arguments;
  for (int line = 0; line < 10000; line++) {
    printf("{\"kind\":\"Done\"}\n");
    fprintf(stderr, "some vendor's debugging output\n");
  }
  return fflush(stdout);
}
