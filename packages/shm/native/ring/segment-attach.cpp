#include <unistd.h>

#include <new>

#include "segment-file.hpp"

namespace rmq::ring {
namespace {

constexpr int kTries = 1000;
// A place looks taken while someone buries its last holder.
constexpr int kTriesWhenFull = 10;

// One look at whatever the path names now. `again`: it changed under us.
Status attachOnce(const std::string& path, const AttachOptions& options, bool writable,
                  std::unique_ptr<Attachment>& out, bool& again, Diagnosis& diagnosis) {
  again = false;
  std::unique_ptr<Attachment> a(new (std::nothrow) Attachment);
  if (!a) return Status::systemError;
  int fd;
  Status s = openSegmentFile(path, writable, options.group, fd, diagnosis);
  if (s != Status::ok) return s;
  uint8_t header[kHeaderBytes];
  Geometry geometry;
  s = AttachmentBuilder::readHeader(fd, header, geometry, diagnosis);
  if (s != Status::ok) {
    close(fd);
    return s;
  }
  if (writable) {
    // Removers hold this byte alone: from here to join() the segment stays.
    if (!tryAttachByte(fd, AttachLock::shared)) {
      close(fd);
      again = true;
      diagnosis.reason = "being removed";
      return Status::inUse;
    }
    if (!pathLeadsTo(path, fd)) {
      close(fd);
      again = true;
      return Status::notFound;
    }
  }
  s = AttachmentBuilder::fill(*a, path, fd, header, geometry, options, writable, diagnosis);
  if (s == Status::ok && writable) {
    s = AttachmentBuilder::join(*a);
    tryAttachByte(fd, AttachLock::none);
    if (s == Status::ok) a->ring().reapDead();
  }
  if (s == Status::ok) out = std::move(a);
  return s;
}

Status open(const std::string& path, const AttachOptions& options, bool writable,
            std::unique_ptr<Attachment>& out, Diagnosis& diagnosis) {
  Status s = Status::systemError;
  bool again = true;
  for (int i = 0; i < kTries && again; ++i) {
    diagnosis = Diagnosis{};
    s = attachOnce(path, options, writable, out, again, diagnosis);
    if (s == Status::participantsFull && i < kTriesWhenFull) again = true;
    if (again && s != Status::notFound) pauseOneMillisecond();
  }
  return s;
}

}  // namespace

Status attachSegment(const std::string& path, const AttachOptions& options, std::unique_ptr<Attachment>& out,
                     Diagnosis& diagnosis) {
  return open(path, options, true, out, diagnosis);
}

Status observeSegment(const std::string& path, const AttachOptions& options, std::unique_ptr<Attachment>& out,
                      Diagnosis& diagnosis) {
  return open(path, options, false, out, diagnosis);
}

Status openOrCreateSegment(const std::string& path, const CreateOptions& create, const AttachOptions& attach,
                           std::unique_ptr<Attachment>& out, bool& created, Diagnosis& diagnosis) {
  Status s = Status::systemError;
  for (int i = 0; i < kTries; ++i) {
    created = false;
    s = attachSegment(path, attach, out, diagnosis);
    if (s == Status::staleBoot) {
      const Status removed = removeSegment(path, attach, diagnosis);
      if (removed != Status::ok && removed != Status::notFound) return removed;
    } else if (s != Status::notFound) {
      return s;
    }
    created = true;
    s = createSegment(path, create, attach, out, diagnosis);
    if (s != Status::exists) return s;
  }
  return s;
}

}  // namespace rmq::ring
