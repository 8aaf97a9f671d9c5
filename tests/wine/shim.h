/*
 * What the shims of Windows' libraries have in common: a caller's mistake ends the process loudly, and cards are asked for over
 * loopback TCP.
 *
 * Beside a shim X.dll in the system folder lie X-port.txt (the server's port) and, after a mistake, X-violations.txt.
 */
#ifndef CERTPROP_SHIM_H
#define CERTPROP_SHIM_H

#include <winsock2.h>
#include <windows.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The exit code of a process that made a mistake; of it, Unix sees the low 8 bits. */
#define SHIM_VIOLATION 0xE5

/* Given by each shim: its name without an ending. */
extern const char *const shim_name;

static void shim_path(char *path, size_t size, const char *ending) {
  char folder[MAX_PATH];
  GetSystemDirectoryA(folder, sizeof folder);
  snprintf(path, size, "%s\\%s%s", folder, shim_name, ending);
}

/* Writes what the caller did wrong, and ends the process at once. */
__attribute__((noreturn, format(gnu_printf, 1, 2))) static void shim_violation(const char *format, ...) {
  char path[MAX_PATH * 2];
  va_list arguments;
  shim_path(path, sizeof path, "-violations.txt");
  FILE *log = fopen(path, "a");
  if (log) {
    va_start(arguments, format);
    vfprintf(log, format, arguments);
    va_end(arguments);
    fputc('\n', log);
    fclose(log);
  }
  TerminateProcess(GetCurrentProcess(), SHIM_VIOLATION);
  abort();
}

#define REQUIRE(condition, ...) ((condition) ? (void)0 : shim_violation(__VA_ARGS__))

/* Every byte of a buffer that the caller says it has must be there to be written. */
static void shim_touch(void *buffer, size_t size, const char *what) {
  REQUIRE(buffer != NULL, "%s is null", what);
  memset(buffer, 0xDD, size);
}

/* The length of a string, in units, that must end within so many. */
static size_t shim_length(const WCHAR *text, size_t limit, const char *what) {
  REQUIRE(text != NULL, "%s is null", what);
  size_t length = wcsnlen(text, limit);
  REQUIRE(length < limit, "%s is not terminated", what);
  return length;
}

/* A message: u32le length of what follows, then the content. */
typedef struct {
  BYTE *bytes;
  size_t length, position, capacity;
} Message;

static void put_bytes(Message *message, const void *bytes, size_t length) {
  while (message->length + length > message->capacity) {
    message->capacity = message->capacity * 2 + 256;
    message->bytes = realloc(message->bytes, message->capacity);
  }
  if (length) memcpy(message->bytes + message->length, bytes, length);
  message->length += length;
}

static void put_u32(Message *message, DWORD value) { put_bytes(message, &value, sizeof value); }

/* u32le number of bytes, then the bytes. */
static void put_block(Message *message, const void *bytes, size_t length) {
  put_u32(message, (DWORD)length);
  put_bytes(message, bytes, length);
}

static void put_text(Message *message, const WCHAR *text) { put_block(message, text, wcslen(text) * sizeof(WCHAR)); }

static const BYTE *get_bytes(Message *message, size_t length) {
  REQUIRE(message->position + length <= message->length, "the server's answer is too short");
  const BYTE *bytes = message->bytes + message->position;
  message->position += length;
  return bytes;
}

static DWORD get_u32(Message *message) {
  DWORD value;
  memcpy(&value, get_bytes(message, sizeof value), sizeof value);
  return value;
}

static const BYTE *get_block(Message *message, DWORD *length) {
  *length = get_u32(message);
  return get_bytes(message, *length);
}

static void release_message(Message *message) {
  free(message->bytes);
  memset(message, 0, sizeof *message);
}

/* A connection to the server, or INVALID_SOCKET when nobody is there. */
static SOCKET shim_connect(void) {
  char path[MAX_PATH * 2];
  unsigned port = 0;
  WSADATA data;
  shim_path(path, sizeof path, "-port.txt");
  FILE *file = fopen(path, "r");
  REQUIRE(file != NULL && fscanf(file, "%u", &port) == 1, "there is no port in %s", path);
  fclose(file);
  WSAStartup(MAKEWORD(2, 2), &data);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((u_short)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  SOCKET connection = socket(AF_INET, SOCK_STREAM, 0);
  int one = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, (char *)&one, sizeof one);
  if (connect(connection, (struct sockaddr *)&address, sizeof address) == 0) return connection;
  closesocket(connection);
  return INVALID_SOCKET;
}

static BOOL send_all(SOCKET connection, const void *bytes, size_t length) {
  for (const char *next = bytes; length > 0;) {
    int sent = send(connection, next, (int)length, 0);
    if (sent <= 0) return FALSE;
    next += sent;
    length -= (size_t)sent;
  }
  return TRUE;
}

static BOOL receive_all(SOCKET connection, void *bytes, size_t length) {
  for (char *next = bytes; length > 0;) {
    int received = recv(connection, next, (int)length, 0);
    if (received <= 0) return FALSE;
    next += received;
    length -= (size_t)received;
  }
  return TRUE;
}

/* Sends the message and puts the answer in its place. FALSE when the connection is gone. */
static BOOL exchange(SOCKET connection, Message *message) {
  DWORD length = (DWORD)message->length;
  BOOL sent = send_all(connection, &length, sizeof length) && send_all(connection, message->bytes, message->length);
  release_message(message);
  if (!sent || !receive_all(connection, &length, sizeof length)) return FALSE;
  message->bytes = malloc(length + 1);
  message->length = message->capacity = length;
  return receive_all(connection, message->bytes, length);
}

#endif
