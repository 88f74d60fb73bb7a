#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "children.hpp"
#include "segment.hpp"

namespace rmq::ring::test {

// Threads that share one mapping (so that ThreadSanitizer sees one address per
// word) and are participants by byte locks on open files of their own.
class SharedMap {
 public:
  explicit SharedMap(const Options& options) : path_("map") {
    CreateOptions create;
    create.ring = options;
    Diagnosis why;
    if (createSegment(path_, create, {}, first_, why) != Status::ok) abort();
  }
  Ring& first() { return first_->ring(); }
  const std::string& path() const { return path_.path; }

  class Member {
   public:
    explicit Member(SharedMap& map, uint64_t lockTimeoutNs = 10000000000ull)
        : fd_(open(map.path().c_str(), O_RDWR | O_CLOEXEC)), life_(fd_) {
      const Ring::Surroundings around{&life_, &clock_, nullptr, lockTimeoutNs};
      if (ring_.bind(map.first_->mapping()->data(), map.first().geometry(), around) != Status::ok) abort();
      if (ring_.join(Self{static_cast<uint64_t>(getpid()), 1, 1}) != Status::ok) abort();
    }
    ~Member() {
      ring_.leave();
      close(fd_);
    }
    // As kill -9.
    void die() {
      ring_.abandon();
      close(fd_);
      fd_ = -1;
    }
    Ring* operator->() { return &ring_; }
    Ring& ring() { return ring_; }

   private:
    int fd_;
    ByteLockLiveness life_;
    MonotonicClock clock_;
    Ring ring_;
  };

 private:
  ScopedPath path_;
  std::unique_ptr<Attachment> first_;
};

}  // namespace rmq::ring::test
