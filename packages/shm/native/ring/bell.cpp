#include "bell.hpp"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <new>

#include "process-self.hpp"

namespace rmq::ring {
namespace {

bool isOurBell(const struct stat& st, gid_t group) {
  if (!S_ISFIFO(st.st_mode)) return false;
  return st.st_uid == geteuid() || (group != kNoGroup && st.st_gid == group);
}

}  // namespace

std::string bellPath(const std::string& directory, uint64_t nonce0, uint64_t nonce1) {
  char name[48];
  snprintf(name, sizeof name, "/rmqbell-%016llx%016llx", static_cast<unsigned long long>(nonce0),
           static_cast<unsigned long long>(nonce1));
  return directory + name;
}

Status Bell::open(const std::string& directory, gid_t group, Diagnosis& diagnosis) {
  close();
  randomBytes(nonce_, sizeof nonce_);
  path_ = bellPath(directory, nonce_[0], nonce_[1]);
  if (mkfifo(path_.c_str(), 0600) == 0) {
    // Both ends: never EOF, never SIGPIPE, never blocked for want of the other.
    fd_ = ::open(path_.c_str(), O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd_ >= 0 && (group == kNoGroup || (fchown(fd_, static_cast<uid_t>(-1), group) == 0 &&
                                           fchmod(fd_, 0660) == 0))) {
      return Status::ok;
    }
  }
  diagnosis.systemErrno = errno;
  diagnosis.reason = "creating the bell";
  const Status s = errno == EACCES || errno == EPERM ? Status::permissionDenied
                   : errno == ENOSPC                 ? Status::noSpace
                                                     : Status::systemError;
  close();
  return s;
}

void Bell::close() {
  if (!path_.empty()) unlink(path_.c_str());
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  nonce_[0] = nonce_[1] = 0;
  path_.clear();
}

int Bell::detachFd() {
  const int fd = fd_;
  fd_ = -1;
  return fd;
}

uint32_t Bell::drain() {
  uint32_t rings = 0;
  char buffer[256];
  for (;;) {
    const auto n = read(fd_, buffer, sizeof buffer);
    if (n <= 0) return rings;
    rings += static_cast<uint32_t>(n);
  }
}

FifoBellTower::FifoBellTower(std::string directory, gid_t group, uint32_t participants)
    : directory_(std::move(directory)),
      group_(group),
      participants_(participants),
      ropes_(new (std::nothrow) Rope[participants]) {}

FifoBellTower::~FifoBellTower() {
  for (uint32_t p = 0; ropes_ && p < participants_; ++p) {
    if (ropes_[p].fd >= 0) close(ropes_[p].fd);
  }
}

int FifoBellTower::openBell(uint64_t nonce0, uint64_t nonce1) const {
  const std::string path = bellPath(directory_, nonce0, nonce1);
  const int fd = open(path.c_str(), O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return -1;
  struct stat st;
  if (fstat(fd, &st) == 0 && isOurBell(st, group_)) return fd;
  close(fd);
  return -1;
}

void FifoBellTower::ring(uint32_t participant, uint64_t nonce0, uint64_t nonce1) {
  if (!ropes_ || participant >= participants_) return;
  Rope& rope = ropes_[participant];
  if (rope.fd < 0 || rope.nonce0 != nonce0 || rope.nonce1 != nonce1) {
    if (rope.fd >= 0) close(rope.fd);
    rope = Rope{nonce0, nonce1, openBell(nonce0, nonce1)};
  }
  if (rope.fd < 0) return;
  const char one = 1;
  // EAGAIN: the pipe is full of rings nobody has drained; one more tells nothing.
  ssize_t r;
  do {
    r = write(rope.fd, &one, 1);
  } while (r < 0 && errno == EINTR);
}

void FifoBellTower::removeDead(uint64_t nonce0, uint64_t nonce1) {
  const std::string path = bellPath(directory_, nonce0, nonce1);
  struct stat st;
  if (lstat(path.c_str(), &st) == 0 && isOurBell(st, group_)) unlink(path.c_str());
}

}  // namespace rmq::ring
