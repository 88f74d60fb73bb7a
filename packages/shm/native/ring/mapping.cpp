#include "mapping.hpp"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>

#include "layout.hpp"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace rmq::ring {

Mapping::~Mapping() {
  if (data_ != nullptr) munmap(data_, bytes_);
}

namespace {

bool sameFile(int a, int b) {
  struct stat x;
  struct stat y;
  return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int openAgain(int fd, const char* path, int access) {
  char self[32];
  snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
  int again = open(self, access | O_CLOEXEC);
  if (again < 0) again = open(path, access | O_NOFOLLOW | O_CLOEXEC);
  if (again < 0 || sameFile(fd, again)) return again;
  close(again);
  errno = ENOENT;
  return -1;
}

}  // namespace

bool Mapping::map(int fd, const char* path, uint64_t bytes, bool writable) {
  const int own = openAgain(fd, path, writable ? O_RDWR : O_RDONLY);
  if (own < 0) return false;
  const int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
  void* p = mmap(nullptr, bytes, protection, MAP_SHARED, own, 0);
  const int error = errno;
  close(own);
  errno = error;
  if (p == MAP_FAILED) return false;
  data_ = static_cast<uint8_t*>(p);
  bytes_ = bytes;
  return true;
}

void Mapping::populate(uint64_t offset, uint64_t bytes) {
  if (madvise(data_ + offset, bytes, MADV_POPULATE_WRITE) != 0) touchPages(offset, bytes);
}

void Mapping::touchPages(uint64_t offset, uint64_t bytes) {
  for (uint64_t at = offset; at < offset + bytes; at += kPage) {
    // An atomic OR of nothing: others may be writing here.
    reinterpret_cast<std::atomic<uint64_t>*>(data_ + at)->fetch_or(0, std::memory_order_relaxed);
  }
}

}  // namespace rmq::ring
