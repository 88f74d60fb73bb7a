#include "process-self.hpp"

#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "clock.hpp"

namespace rmq::ring {
namespace {

int readSmall(const char* path, char* buffer, int capacity) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const auto n = read(fd, buffer, static_cast<size_t>(capacity - 1));
  close(fd);
  buffer[n > 0 ? n : 0] = 0;
  return n > 0 ? static_cast<int>(n) : 0;
}

int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

Self describeSelf() {
  Self self;
  self.pid = static_cast<uint64_t>(getpid());
  char text[1024];
  if (readSmall("/proc/self/stat", text, sizeof text) > 0) {
    // The name in parentheses may hold anything: count fields behind it.
    const char* p = strrchr(text, ')');
    for (int field = 2; p != nullptr && field < 22; ++field) p = strchr(p + 1, ' ');
    if (p != nullptr) self.startTime = strtoull(p + 1, nullptr, 10);
  }
  struct stat st;
  if (stat("/proc/self/ns/pid", &st) == 0) self.pidNamespace = st.st_ino;
  return self;
}

void readBootId(uint8_t out[16]) {
  memset(out, 0, 16);
  char text[64];
  readSmall("/proc/sys/kernel/random/boot_id", text, sizeof text);
  int nibble = 0;
  for (const char* p = text; *p != 0 && nibble < 32; ++p) {
    const int d = hexDigit(*p);
    if (d < 0) continue;
    out[nibble / 2] = static_cast<uint8_t>(out[nibble / 2] | (nibble % 2 == 0 ? d << 4 : d));
    ++nibble;
  }
}

void randomBytes(void* out, uint32_t bytes) {
  auto* p = static_cast<uint8_t*>(out);
  uint32_t done = 0;
  while (done < bytes) {
    const auto n = getrandom(p + done, bytes - done, 0);
    if (n > 0) done += static_cast<uint32_t>(n);
  }
}

}  // namespace rmq::ring
