#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "segment-file.hpp"

namespace rmq::ring {
namespace {

// The attach byte alone, every place free, and still the file of that name: only
// then is it nobody's. Two removers, or a remover and an attacher, are decided
// by that one byte.
Status unlinkUnheld(const std::string& path, int fd, Diagnosis& diagnosis) {
  if (!tryAttachByte(fd, AttachLock::exclusive)) {
    diagnosis.reason = "someone is attaching or removing";
    return Status::inUse;
  }
  if (anyParticipantAlive(fd)) {
    diagnosis.reason = "a participant is alive";
    return Status::inUse;
  }
  if (!pathLeadsTo(path, fd)) return Status::notFound;
  return unlink(path.c_str()) == 0 ? Status::ok : failed(diagnosis, "unlinking the segment");
}

}  // namespace

Status removeSegment(const std::string& path, const AttachOptions& attach, Diagnosis& diagnosis) {
  diagnosis = Diagnosis{};
  int fd;
  Status s = openSegmentFile(path, true, attach.group, fd, diagnosis);
  if (s != Status::ok) return s;
  uint8_t header[kHeaderBytes];
  Geometry geometry;
  // Damaged, outdated and old ones may go; what never was a ring may not.
  if (AttachmentBuilder::readHeader(fd, header, geometry, diagnosis) == Status::notARing) {
    s = Status::notARing;
  } else {
    diagnosis = Diagnosis{};
    s = unlinkUnheld(path, fd, diagnosis);
  }
  close(fd);
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
