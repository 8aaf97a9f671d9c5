/*
 * What the doubles of Windows' smart card providers have in common: the cards that they show, and how they end a program that calls them
 * wrongly. The cards stand in C:\providers.txt, one fact a line, tab-separated UTF-8:
 *   container <KSP|CSP> <reader> <name> <key spec> <certificate> <public key blob> <card's GUID>     (hex, or - for none)
 *   behavior <KSP|CSP> <reader> <crash|hang|unknown|endless|nameless|long>
 * What went on is added to C:\providers-<process>.log.
 */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_FACTS 64
#define MOST_HANDLES 64
#define LONGEST_TEXT 1024
#define MISUSE_EXIT_CODE 99

typedef struct {
  char reader[LONGEST_TEXT];
  char name[LONGEST_TEXT];
  DWORD keySpec;
  BYTE *certificate, *blob, *guid;
  DWORD certificateLength, blobLength, guidLength;
} Container;

static const char *providerName;
static Container containers[MOST_FACTS];
static int containerCount;
static char behaviors[MOST_FACTS][2][LONGEST_TEXT];
static int behaviorCount;

static void note(const char *text) {
  char path[64];
  snprintf(path, sizeof path, "C:\\providers-%lu.log", GetCurrentProcessId());
  FILE *log = fopen(path, "ab");
  if (log == NULL) return;
  fprintf(log, "%s %s\n", providerName, text);
  fclose(log);
}

/* The caller did what it must not do. */
static void misuse(const char *what) {
  char text[LONGEST_TEXT + 16];
  snprintf(text, sizeof text, "MISUSE %.900s", what);
  note(text);
  TerminateProcess(GetCurrentProcess(), MISUSE_EXIT_CODE);
}

static void demand(int isTrue, const char *what) {
  if (!isTrue) misuse(what);
}

static BYTE *bytesOf(const char *hex, DWORD *length) {
  *length = 0;
  if (strcmp(hex, "-") == 0) return NULL;
  BYTE *bytes = malloc(strlen(hex) / 2 + 1);
  for (unsigned value; sscanf(hex + 2 * *length, "%2x", &value) == 1; ++*length) bytes[*length] = (BYTE)value;
  return bytes;
}

static void readFact(char *line) {
  char *fields[8] = {0};
  int count = 0;
  for (char *field = strtok(line, "\t\r\n"); field != NULL && count < 8; field = strtok(NULL, "\t\r\n")) fields[count++] = field;
  if (count < 4 || strcmp(fields[1], providerName) != 0) return;
  if (strcmp(fields[0], "behavior") == 0 && behaviorCount < MOST_FACTS) {
    strcpy(behaviors[behaviorCount][0], fields[2]);
    strcpy(behaviors[behaviorCount++][1], fields[3]);
  }
  if (strcmp(fields[0], "container") == 0 && count == 8 && containerCount < MOST_FACTS) {
    Container *container = &containers[containerCount++];
    strcpy(container->reader, fields[2]);
    strcpy(container->name, fields[3]);
    container->keySpec = (DWORD)atoi(fields[4]);
    container->certificate = bytesOf(fields[5], &container->certificateLength);
    container->blob = bytesOf(fields[6], &container->blobLength);
    container->guid = bytesOf(fields[7], &container->guidLength);
  }
}

static void readFacts(const char *name) {
  static char line[300000];
  providerName = name;
  FILE *file = fopen("C:\\providers.txt", "r");
  if (file == NULL) return;
  while (fgets(line, sizeof line, file) != NULL) readFact(line);
  fclose(file);
}

static int behaves(const char *reader, const char *how) {
  for (int index = 0; index < behaviorCount; index++)
    if (strcmp(behaviors[index][0], reader) == 0 && strcmp(behaviors[index][1], how) == 0) return 1;
  return 0;
}

static void misbehave(const char *reader) {
  if (behaves(reader, "crash")) *(volatile int *)0 = 1;
  if (behaves(reader, "hang")) Sleep(INFINITE);
}

/* \\.\<reader>\<container>, as both providers understand it. */
static void splitName(const char *qualified, char *reader, char *container) {
  demand(strncmp(qualified, "\\\\.\\", 4) == 0, "a name without a reader");
  const char *end = strchr(qualified + 4, '\\');
  demand(end != NULL, "a reader without an end");
  strcpy(container, end + 1);
  memcpy(reader, qualified + 4, end - qualified - 4);
  reader[end - qualified - 4] = 0;
}

/* Fills the whole buffer first: one that is shorter than it is said to be does not survive it. */
static int fill(BYTE *buffer, DWORD size, const void *value, DWORD length) {
  if (buffer == NULL) return 0;
  memset(buffer, 0xCC, size);
  if (size < length) return 0;
  memcpy(buffer, value, length);
  return 1;
}
