#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <new>

#include "process-self.hpp"
#include "segment-file.hpp"
#include "space.hpp"

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

namespace rmq::ring {
namespace {

// An inode without a name, or with a temporary one where that is impossible.
struct Newborn {
  int fd = -1;
  std::string temporary;
};

Status openNewborn(const std::string& directory, bool named, Newborn& file, Diagnosis& diagnosis) {
  if (!named) {
    file.fd = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file.fd >= 0) return Status::ok;
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL && errno != ENOENT) {
      return failed(diagnosis, "creating the segment");
    }
  }
  uint64_t random;
  randomBytes(&random, sizeof random);
  char name[40];
  snprintf(name, sizeof name, "/%s%016llx", kTemporaryPrefix, static_cast<unsigned long long>(random));
  file.temporary = directory + name;
  file.fd = open(file.temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file.fd < 0) {
    file.temporary.clear();
    return failed(diagnosis, "creating the segment");
  }
  // Held until the name is final: whoever tidies temporaries sees us alive.
  tryAttachByte(file.fd, AttachLock::exclusive);
  return Status::ok;
}

Status reserve(int fd, uint64_t bytes, gid_t group, Diagnosis& diagnosis) {
  // Whatever the umask says: attachers insist on exactly these bits.
  const bool shared = group != kNoGroup;
  if ((shared && fchown(fd, static_cast<uid_t>(-1), group) != 0) || fchmod(fd, shared ? 0660 : 0600) != 0) {
    return failed(diagnosis, "giving the segment to the group");
  }
  int error;
  do {
    // Takes every page now. With ftruncate alone the first store into a page
    // that a full tmpfs cannot provide kills the process.
    error = posix_fallocate(fd, 0, static_cast<off_t>(bytes));
  } while (error == EINTR);
  if (error == 0) return Status::ok;
  errno = error;
  return failed(diagnosis, "reserving memory for the segment");
}

// The name appears last, on a complete segment, and never replaces another.
Status giveName(const Newborn& file, const std::string& path, Diagnosis& diagnosis) {
  if (!file.temporary.empty()) {
    if (syscall(SYS_renameat2, AT_FDCWD, file.temporary.c_str(), AT_FDCWD, path.c_str(),
                RENAME_NOREPLACE) == 0) {
      return Status::ok;
    }
    if (errno == ENOSYS || errno == EINVAL) {
      if (link(file.temporary.c_str(), path.c_str()) == 0) {
        unlink(file.temporary.c_str());
        return Status::ok;
      }
    }
    return failed(diagnosis, "naming the segment");
  }
  char self[32];
  snprintf(self, sizeof self, "/proc/self/fd/%d", file.fd);
  if (linkat(AT_FDCWD, self, AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0) return Status::ok;
  return failed(diagnosis, "naming the segment");
}

Birth birthOf(const CreateOptions& create) {
  Birth birth;
  randomBytes(birth.uuid, sizeof birth.uuid);
  readBootId(birth.bootId);
  birth.creator = describeSelf();
  timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  birth.realtimeNs = static_cast<uint64_t>(t.tv_sec) * 1000000000ull + static_cast<uint64_t>(t.tv_nsec);
  birth.description = create.description.data();
  birth.descriptionBytes = static_cast<uint32_t>(create.description.size());
  return birth;
}

Status createOnce(const std::string& path, const Geometry& geometry, const CreateOptions& create,
                  const AttachOptions& attach, bool named, std::unique_ptr<Attachment>& out,
                  Diagnosis& diagnosis) {
  Newborn file;
  Status s = openNewborn(directoryOf(path), named, file, diagnosis);
  if (s != Status::ok) return s;
  std::unique_ptr<Attachment> a(new (std::nothrow) Attachment);
  if (!a) {
    close(file.fd);
    return Status::systemError;
  }
  s = reserve(file.fd, geometry.totalBytes, attach.group, diagnosis);
  if (s == Status::ok) s = AttachmentBuilder::map(*a, file.temporary.empty() ? path : file.temporary, file.fd, geometry, true, diagnosis);
  else close(file.fd);
  if (s == Status::ok) s = formatRing(AttachmentBuilder::memory(*a), geometry, birthOf(create));
  if (s == Status::ok) {
    AttachmentBuilder::describe(*a, AttachmentBuilder::memory(*a));
    s = AttachmentBuilder::bind(*a, geometry, attach);
  }
  // A participant before anyone can find it: no remover can come in between.
  if (s == Status::ok) s = AttachmentBuilder::join(*a);
  if (s == Status::ok) s = giveName(file, path, diagnosis);
  if (s == Status::ok) AttachmentBuilder::rename(*a, path);
  if (s != Status::ok) {
    if (!file.temporary.empty()) unlink(file.temporary.c_str());
    return s;
  }
  if (!file.temporary.empty()) tryAttachByte(file.fd, AttachLock::none);
  out = std::move(a);
  return Status::ok;
}

}  // namespace

Status createSegment(const std::string& path, const CreateOptions& create, const AttachOptions& attach,
                     std::unique_ptr<Attachment>& out, Diagnosis& diagnosis) {
  diagnosis = Diagnosis{};
  Geometry geometry;
  Status s = planGeometry(create.ring, geometry);
  if (s != Status::ok || create.description.size() > kDescriptionMax) {
    diagnosis.reason = "sizes out of range";
    return Status::invalidArgument;
  }
  struct stat st;
  if (lstat(path.c_str(), &st) == 0) return Status::exists;
  s = checkSpace(directoryOf(path).c_str(), geometry.totalBytes, diagnosis);
  if (s != Status::ok) return s;
  s = createOnce(path, geometry, create, attach, create.namedTemporary, out, diagnosis);
  // Without /proc an unnamed inode cannot get a name; a temporary's name may
  // have been tidied away in the instant before its lock.
  const bool nameless = s == Status::notFound && access(directoryOf(path).c_str(), X_OK) == 0;
  if (nameless) s = createOnce(path, geometry, create, attach, true, out, diagnosis);
  if (s == Status::ok) diagnosis = Diagnosis{};
  return s;
}

}  // namespace rmq::ring
