#include "kernel-features.hpp"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>

#include "bell.hpp"
#include "layout.hpp"
#include "liveness.hpp"
#include "process-self.hpp"
#include "segment-file.hpp"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace rmq::ring {
namespace {

int outcome(bool worked) { return worked ? 0 : errno == 0 ? EIO : errno; }

// Has no name afterwards either way.
int openScratch(const std::string& directory, KernelFeatures& out) {
  int fd = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  out.unnamedFiles = outcome(fd >= 0);
  if (fd >= 0) return fd;
  uint64_t random;
  randomBytes(&random, sizeof random);
  char name[40];
  snprintf(name, sizeof name, "/%s%016llx", kTemporaryPrefix, static_cast<unsigned long long>(random));
  const std::string path = directory + name;
  fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd >= 0) unlink(path.c_str());
  return fd;
}

// One open file sees the lock of another.
int tryByteLocks(int fd, int again) {
  ByteLockLiveness holder(fd);
  errno = 0;
  if (!holder.claim(0)) return outcome(false);
  return outcome(again < 0 || ByteLockLiveness(again).alive(0));
}

void tryMemory(int fd, KernelFeatures& out) {
  void* page = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) {
    out.populating = out.futexes = errno;
    return;
  }
  out.populating = outcome(madvise(page, kPage, MADV_POPULATE_WRITE) == 0);
  out.futexes = outcome(syscall(SYS_futex, page, FUTEX_WAKE, 1, nullptr, nullptr, 0) >= 0);
  munmap(page, kPage);
}

}  // namespace

void tryKernelFeatures(const char* directory, KernelFeatures& out) {
  out = KernelFeatures{};
  Bell bell;
  Diagnosis diagnosis;
  if (bell.open(directory, kNoGroup, diagnosis) != Status::ok) out.fifos = diagnosis.systemErrno;
  bell.close();
  const int fd = openScratch(directory, out);
  if (fd < 0) {
    out.reopen = out.byteLocks = out.reserving = out.populating = out.futexes = out.fileLeases = errno;
    return;
  }
  out.reserving = posix_fallocate(fd, 0, static_cast<off_t>(kPage));
  // Before anything else opens it.
  out.fileLeases = outcome(fcntl(fd, F_SETSIG, SIGURG) == 0 && fcntl(fd, F_SETLEASE, F_WRLCK) == 0);
  fcntl(fd, F_SETLEASE, F_UNLCK);
  char self[32];
  snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
  const int again = open(self, O_RDWR | O_CLOEXEC);
  out.reopen = outcome(again >= 0);
  out.byteLocks = tryByteLocks(fd, again);
  if (out.reserving == 0) tryMemory(fd, out);
  if (again >= 0) close(again);
  close(fd);
}

}  // namespace rmq::ring
