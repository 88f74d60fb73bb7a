#include "inspection.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "segment-file.hpp"

namespace rmq::ring {
namespace {

struct Free {
  void operator()(uint8_t* memory) const { std::free(memory); }
};

// All in front of the arena; null where the file has become shorter, or memory is short.
std::unique_ptr<uint8_t, Free> copyControl(int fd, uint64_t bytes) {
  std::unique_ptr<uint8_t, Free> copy(static_cast<uint8_t*>(std::aligned_alloc(kPage, bytes)));
  uint64_t have = 0;
  while (copy && have < bytes) {
    const auto n = pread(fd, copy.get() + have, bytes - have, static_cast<off_t>(have));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return nullptr;
    have += static_cast<uint64_t>(n);
  }
  return copy;
}

uint32_t countHolders(int fd) {
  if (!anyParticipantAlive(fd)) return 0;
  uint32_t holders = 0;
  ByteLockLiveness liveness(fd);
  for (uint32_t p = 0; p < kMaxParticipants; ++p) {
    if (liveness.alive(p)) ++holders;
  }
  return holders;
}

// The copy was not taken in one moment: counts of a busy ring are about right.
Status lookInside(int fd, const Geometry& geometry, Inspection& out) {
  const auto control = copyControl(fd, geometry.offArena);
  if (!control) return Status::truncated;
  ByteLockLiveness liveness(fd);
  MonotonicClock clock;
  Ring ring;
  const Status s = ring.bind(control.get(), geometry, {&liveness, &clock, nullptr, 0});
  if (s != Status::ok) return s;
  out.live = ring.readable();
  out.counters = ring.counters();
  out.retired = ring.retired();
  out.poisoned = reinterpret_cast<const Header*>(control.get())->state.poison.load(std::memory_order_relaxed) != 0;
  for (uint32_t p = 0; p < geometry.participants; ++p) {
    ParticipantInfo info;
    if (ring.participantInfo(p, info)) out.participants.push_back(info);
  }
  return Status::ok;
}

}  // namespace

void inspectFile(int fd, Inspection& out) {
  out.holders = countHolders(fd);
  out.entering = attachByteHeld(fd);
  uint8_t header[kHeaderBytes];
  Geometry geometry;
  out.status = AttachmentBuilder::readHeader(fd, header, geometry, out.diagnosis);
  if (out.status != Status::ok && out.status != Status::staleBoot) return;
  memcpy(&out.identity, header, sizeof out.identity);
  out.description.assign(reinterpret_cast<const char*>(header) + offsetof(Header, description),
                         out.identity.descriptionBytes);
  const Status s = lookInside(fd, geometry, out);
  if (s != Status::ok) out.status = s;
}

void inspectSegment(const std::string& path, Inspection& out) {
  out = Inspection{};
  const int fd = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) {
    out.status = failed(out.diagnosis, "opening the segment");
    return;
  }
  struct stat st;
  if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
    inspectFile(fd, out);
  } else {
    out.status = Status::foreignSegment;
    out.diagnosis.reason = "not a regular file";
  }
  close(fd);
}

}  // namespace rmq::ring
