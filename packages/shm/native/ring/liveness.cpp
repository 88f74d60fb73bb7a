#include "liveness.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "layout.hpp"

namespace rmq::ring {
namespace {

// Far behind any data: a byte can be locked without existing.
constexpr off_t kFirstByte = off_t{1} << 40;
constexpr off_t kAttachByte = kFirstByte + kMaxParticipants;

struct flock byteRange(short type, off_t start, off_t length) {
  struct flock f;
  memset(&f, 0, sizeof f);
  f.l_type = type;
  f.l_whence = SEEK_SET;
  f.l_start = start;
  f.l_len = length;
  return f;
}

bool lockCall(int fd, int command, struct flock& f) {
  int r;
  do {
    r = fcntl(fd, command, &f);
  } while (r != 0 && errno == EINTR);
  return r == 0;
}

bool setLock(int fd, short type, off_t start, off_t length) {
  struct flock f = byteRange(type, start, length);
  return lockCall(fd, F_OFD_SETLK, f);
}

bool heldByOther(int fd, off_t start, off_t length) {
  struct flock f = byteRange(F_WRLCK, start, length);
  // A failing question must not get anyone buried.
  return !lockCall(fd, F_OFD_GETLK, f) || f.l_type != F_UNLCK;
}

}  // namespace

bool ByteLockLiveness::claim(uint32_t participant) {
  return setLock(fd_, F_WRLCK, kFirstByte + participant, 1);
}

void ByteLockLiveness::release(uint32_t participant) {
  setLock(fd_, F_UNLCK, kFirstByte + participant, 1);
}

bool ByteLockLiveness::alive(uint32_t participant) {
  return heldByOther(fd_, kFirstByte + participant, 1);
}

bool tryAttachByte(int fd, AttachLock lock) {
  const short type = lock == AttachLock::shared ? F_RDLCK : lock == AttachLock::exclusive ? F_WRLCK : F_UNLCK;
  return setLock(fd, type, kAttachByte, 1);
}

bool anyParticipantAlive(int fd) { return heldByOther(fd, kFirstByte, kMaxParticipants); }

bool attachByteHeld(int fd) { return heldByOther(fd, kAttachByte, 1); }

}  // namespace rmq::ring
