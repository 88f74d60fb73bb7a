#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inspection.hpp"
#include "segment-file.hpp"

namespace rmq::ring {
namespace {

constexpr int kUnlinkTries = 100;

// Readers of the Python package keep a lock beside the segment. It goes first:
// one of them that finds the lock without the segment would keep it locked.
Status unlinkNames(const std::string& path, Diagnosis& diagnosis) {
  const std::string mutex = path + "_mutex";
  struct stat st;
  if (lstat(mutex.c_str(), &st) == 0 && S_ISREG(st.st_mode)) unlink(mutex.c_str());
  return unlink(path.c_str()) == 0 ? Status::ok : failed(diagnosis, "unlinking the segment");
}

// Who was killed could not unlink its own. Its bell stands in its place for as
// long as nobody has cleaned that.
void removeDeadBells(const std::string& path, int fd, const Geometry& geometry, gid_t group) {
  FifoBellTower tower(directoryOf(path), group, 0);
  for (uint32_t p = 0; p < geometry.participants; ++p) {
    uint64_t bell[2];
    const uint64_t at = geometry.offPart + p * sizeof(Participant) + offsetof(Participant, bell);
    if (pread(fd, bell, sizeof bell, static_cast<off_t>(at)) != static_cast<ssize_t>(sizeof bell)) return;
    if ((bell[0] | bell[1]) != 0) tower.removeDead(bell[0], bell[1]);
  }
}

bool hasRecords(int fd) {
  Inspection inspection;
  inspectFile(fd, inspection);
  return inspection.live.records > 0;
}

// The attach byte alone, every place free, and still the file of that name: only
// then is it nobody's. Two removers, or a remover and an attacher, are decided
// by that one byte.
Status unlinkUnheld(const std::string& path, int fd, Diagnosis& diagnosis, Remove remove = Remove::always) {
  if (!tryAttachByte(fd, AttachLock::exclusive)) {
    diagnosis.reason = "someone is attaching or removing";
    return Status::inUse;
  }
  if (anyParticipantAlive(fd)) {
    diagnosis.reason = "a participant is alive";
    return Status::inUse;
  }
  if (!pathLeadsTo(path, fd)) return Status::notFound;
  // Nobody can put any more.
  if (remove == Remove::ifEmpty && hasRecords(fd)) return Status::full;
  return unlinkNames(path, diagnosis);
}

}  // namespace

Status removeSegment(const std::string& path, const AttachOptions& attach, Diagnosis& diagnosis, Remove remove) {
  diagnosis = Diagnosis{};
  int fd;
  Status s = openSegmentFile(path, true, attach.group, fd, diagnosis);
  if (s != Status::ok) return s;
  uint8_t header[kHeaderBytes];
  Geometry geometry;
  // Damaged, outdated and old ones may go; what never was a ring may not.
  const Status read = AttachmentBuilder::readHeader(fd, header, geometry, diagnosis);
  if (read == Status::notARing) {
    s = Status::notARing;
  } else {
    diagnosis = Diagnosis{};
    s = unlinkUnheld(path, fd, diagnosis, remove);
    if (s == Status::ok && read == Status::ok) removeDeadBells(path, fd, geometry, attach.group);
  }
  close(fd);
  return s;
}

Status Attachment::unlinkName() {
  if (fd_ < 0) return Status::closed;
  // The attach byte alone: nobody else unlinks, so the name checked is the name
  // unlinked. Attachers hold it for microseconds.
  bool alone = false;
  for (int i = 0; i < kUnlinkTries && !alone; ++i) {
    if (i > 0) pauseOneMillisecond();
    alone = tryAttachByte(fd_, AttachLock::exclusive);
  }
  if (!alone) return Status::inUse;
  Diagnosis ignored;
  const Status s = isNamed() ? unlinkNames(path_, ignored) : Status::notFound;
  tryAttachByte(fd_, AttachLock::none);
  return s;
}

uint32_t removeDeadTemporaries(const std::string& directory) {
  DIR* dir = opendir(directory.c_str());
  if (dir == nullptr) return 0;
  uint32_t removed = 0;
  while (const dirent* entry = readdir(dir)) {
    if (strncmp(entry->d_name, kTemporaryPrefix, strlen(kTemporaryPrefix)) != 0) continue;
    const std::string path = directory + "/" + entry->d_name;
    Diagnosis ignored;
    int fd;
    if (openSegmentFile(path, true, kNoGroup, fd, ignored) != Status::ok) continue;
    if (unlinkUnheld(path, fd, ignored) == Status::ok) ++removed;
    close(fd);
  }
  closedir(dir);
  return removed;
}

}  // namespace rmq::ring
