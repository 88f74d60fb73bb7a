#pragma once

#include <cstdint>

namespace rmq::ring {

// A shared mapping of a whole segment. Held by shared_ptr: views handed out to
// a garbage collector may outlive the attachment they came from.
class Mapping {
 public:
  Mapping() = default;
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  // Maps the file behind `fd` through an open file of its own: a mapping keeps
  // its open file alive, and with it every lock of that file. Were it `fd` itself,
  // a forked child or a view that outlives the attachment would go on proving the
  // life of the dead. `path` serves where /proc is missing.
  bool map(int fd, const char* path, uint64_t bytes, bool writable);
  // Enters pages into this process's page table ahead of use, so that a writer
  // does not fault while it holds the lock.
  void populate(uint64_t offset, uint64_t bytes);
  // What kernels before 5.14 get: one harmless atomic write per page.
  void touchPages(uint64_t offset, uint64_t bytes);

  uint8_t* data() const { return data_; }
  uint64_t bytes() const { return bytes_; }

 private:
  uint8_t* data_ = nullptr;
  uint64_t bytes_ = 0;
};

}  // namespace rmq::ring
