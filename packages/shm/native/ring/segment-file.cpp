#include "segment-file.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <new>

#include "process-self.hpp"

namespace rmq::ring {
namespace {

// Private files of this user, or group files of a group the caller named. A
// second link, or one bit more of permission, and it is not what we create.
const char* whyForeign(const struct stat& st, gid_t group) {
  if (!S_ISREG(st.st_mode)) return "not a regular file";
  if (st.st_nlink > 1) return "has a second name";
  const mode_t bits = st.st_mode & 07777;
  if (st.st_uid == geteuid()) {
    return bits == 0600 || bits == 0660 ? nullptr : "permissions are wider than 0600 or 0660";
  }
  if (group == kNoGroup) return "belongs to another user";
  if (st.st_gid != group) return "belongs to another user and group";
  return bits == 0660 ? nullptr : "permissions are not 0660";
}

}  // namespace

void pauseOneMillisecond() {
  const timespec t{0, 1000000};
  nanosleep(&t, nullptr);
}

std::string directoryOf(const std::string& path) {
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status statusOfErrno(int error) {
  switch (error) {
    case ENOENT: return Status::notFound;
    case EEXIST: return Status::exists;
    case EACCES:
    case EPERM:
    case EROFS: return Status::permissionDenied;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return Status::noSpace;
    case ELOOP:
    case EISDIR:
    case ENXIO:
    case ENODEV: return Status::foreignSegment;
    case ENAMETOOLONG:
    case EINVAL: return Status::invalidArgument;
    default: return Status::systemError;
  }
}

Status failed(Diagnosis& diagnosis, const char* reason) {
  diagnosis.systemErrno = errno;
  diagnosis.reason = reason;
  return statusOfErrno(diagnosis.systemErrno);
}

Status openSegmentFile(const std::string& path, bool writable, gid_t group, int& fd, Diagnosis& diagnosis) {
  // O_NONBLOCK: a FIFO in that place must not hold us.
  const int access = writable ? O_RDWR : O_RDONLY;
  fd = open(path.c_str(), access | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return failed(diagnosis, "opening the segment");
  struct stat st;
  if (fstat(fd, &st) != 0) {
    const Status s = failed(diagnosis, "reading the segment's owner");
    close(fd);
    fd = -1;
    return s;
  }
  // Unlinked between open and here: to the caller the name was never there.
  const char* why = st.st_nlink == 0 ? nullptr : whyForeign(st, group);
  if (why == nullptr && st.st_nlink != 0) return Status::ok;
  close(fd);
  fd = -1;
  diagnosis.reason = why != nullptr ? why : "was just removed";
  return why != nullptr ? Status::foreignSegment : Status::notFound;
}

bool pathLeadsTo(const std::string& path, int fd) {
  struct stat byPath;
  struct stat byFd;
  return lstat(path.c_str(), &byPath) == 0 && fstat(fd, &byFd) == 0 && byPath.st_dev == byFd.st_dev &&
         byPath.st_ino == byFd.st_ino;
}

Status AttachmentBuilder::readHeader(int fd, uint8_t (&header)[kHeaderBytes], Geometry& geometry,
                                     Diagnosis& diagnosis) {
  // Read, not mapped: a short file would answer with SIGBUS.
  uint64_t have = 0;
  while (have < kHeaderBytes) {
    const auto n = pread(fd, header + have, kHeaderBytes - have, static_cast<off_t>(have));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(diagnosis, "reading the header");
    if (n == 0) break;
    have += static_cast<uint64_t>(n);
  }
  uint64_t magic = 0;
  if (have >= sizeof magic) memcpy(&magic, header, sizeof magic);
  if (magic != kMagic) {
    diagnosis.reason = "no ring magic";
    return Status::notARing;
  }
  if (have < kHeaderBytes) {
    diagnosis.neededBytes = kHeaderBytes;
    diagnosis.availableBytes = have;
    diagnosis.reason = "shorter than a header";
    return Status::truncated;
  }
  struct stat st;
  if (fstat(fd, &st) != 0) return failed(diagnosis, "reading the segment's size");
  const Status s = checkHeader(header, static_cast<uint64_t>(st.st_size), geometry, diagnosis);
  if (s != Status::ok) return s;
  Identity id;
  memcpy(&id, header, sizeof id);
  uint8_t boot[16];
  readBootId(boot);
  const uint8_t unknown[16] = {};
  if (memcmp(id.bootId, boot, 16) != 0 && memcmp(id.bootId, unknown, 16) != 0 &&
      memcmp(boot, unknown, 16) != 0) {
    diagnosis.reason = "written before the last boot";
    return Status::staleBoot;
  }
  return Status::ok;
}

Status AttachmentBuilder::map(Attachment& a, const std::string& path, int fd, const Geometry& geometry,
                              bool writable, Diagnosis& diagnosis) {
  a.path_ = path;
  a.fd_ = fd;
  // Before any lock is taken: a child forked by another thread in between would
  // keep the place alive after our death.
  a.guard_.arm(&a.fd_, &a.ring_);
  a.mapping_.reset(new (std::nothrow) Mapping);
  if (!a.mapping_ || !a.mapping_->map(fd, path.c_str(), geometry.totalBytes, writable)) {
    return failed(diagnosis, "mapping the segment");
  }
  if (writable) a.mapping_->populate(0, geometry.offArena);
  return Status::ok;
}

void AttachmentBuilder::describe(Attachment& a, const uint8_t* header) {
  memcpy(&a.identity_, header, sizeof a.identity_);
  a.description_.assign(reinterpret_cast<const char*>(header) + offsetof(Header, description),
                        a.identity_.descriptionBytes);
}

Status AttachmentBuilder::bind(Attachment& a, const Geometry& geometry, const AttachOptions& options) {
  a.liveness_.reset(new (std::nothrow) ByteLockLiveness(a.fd_));
  a.tower_.reset(new (std::nothrow) FifoBellTower(directoryOf(a.path_), options.group, geometry.participants));
  if (!a.liveness_ || !a.tower_) return Status::systemError;
  const Ring::Surroundings around{a.liveness_.get(), &a.clock_, a.tower_.get(), options.lockTimeoutNs};
  const Status s = a.ring_.bind(a.mapping_->data(), geometry, around);
  if (s == Status::ok && options.prefaultArena) a.mapping_->populate(geometry.offArena, geometry.arenaBytes);
  return s;
}

Status AttachmentBuilder::join(Attachment& a) {
  return a.ring_.join(describeSelf());
}

Status AttachmentBuilder::fill(Attachment& a, const std::string& path, int fd, const uint8_t* header,
                               const Geometry& geometry, const AttachOptions& options, bool writable,
                               Diagnosis& diagnosis) {
  const Status s = map(a, path, fd, geometry, writable, diagnosis);
  if (s != Status::ok) return s;
  describe(a, header);
  return bind(a, geometry, options);
}

bool Attachment::isNamed() const { return fd_ >= 0 && pathLeadsTo(path_, fd_); }

void Attachment::close() {
  ring_.leave();
  guard_.disarm();
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  mapping_.reset();
}

}  // namespace rmq::ring
