#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>

#include "bell.hpp"
#include "fork-guard.hpp"
#include "format.hpp"
#include "mapping.hpp"
#include "ring.hpp"

namespace rmq::ring {

struct AttachOptions {
  gid_t group = kNoGroup;  // also trust segments and bells of this group (0660)
  uint64_t lockTimeoutNs = 1000000000ull;
  bool prefaultArena = false;  // enter all payload pages now instead of on first use
};

struct CreateOptions {
  Options ring;
  std::string description;        // at most 1 KiB, opaque, readable by attachers
  bool namedTemporary = false;    // as on systems without O_TMPFILE
};

// One open segment: file, byte lock, mapping, ring. Used by one thread.
class Attachment {
 public:
  Attachment() = default;
  ~Attachment() { close(); }
  Attachment(const Attachment&) = delete;
  Attachment& operator=(const Attachment&) = delete;

  Ring& ring() { return ring_; }
  const std::string& path() const { return path_; }
  // Private copies, taken when the header was checked.
  const Identity& identity() const { return identity_; }
  std::string_view description() const { return description_; }
  // Keeps the bytes mapped for as long as someone holds it.
  std::shared_ptr<Mapping> mapping() const { return mapping_; }
  // Does the name still lead to this segment?
  bool isNamed() const;
  // Takes the name away, `<name>_mutex` of Python readers first: nobody new can
  // attach, who is attached goes on. notFound: it leads elsewhere already. inUse:
  // someone is stuck in attaching.
  Status unlinkName();
  // Leases, loans and the place are given up; the mapping lives on in mapping().
  void close();

 private:
  friend struct AttachmentBuilder;

  std::string path_;
  int fd_ = -1;
  Identity identity_{};
  std::string description_;
  std::shared_ptr<Mapping> mapping_;
  MonotonicClock clock_;
  std::unique_ptr<ByteLockLiveness> liveness_;
  std::unique_ptr<FifoBellTower> tower_;
  Ring ring_;
  ForkGuard guard_;
};

// A new segment, attached before it gets its name. exists: the name is taken.
Status createSegment(const std::string& path, const CreateOptions& create, const AttachOptions& attach,
                     std::unique_ptr<Attachment>& out, Diagnosis& diagnosis);

// A participant of an existing segment.
Status attachSegment(const std::string& path, const AttachOptions& attach,
                     std::unique_ptr<Attachment>& out, Diagnosis& diagnosis);

// Whichever of the two is possible; segments of an earlier boot are replaced.
Status openOrCreateSegment(const std::string& path, const CreateOptions& create, const AttachOptions& attach,
                           std::unique_ptr<Attachment>& out, bool& created, Diagnosis& diagnosis);

// Looks without taking part: read-only mapping, no place, copying peeks only.
Status observeSegment(const std::string& path, const AttachOptions& attach,
                      std::unique_ptr<Attachment>& out, Diagnosis& diagnosis);

enum class Remove { always, ifEmpty };

// Unlinks a segment that no participant holds, with what the dead left beside it:
// bells and `<name>_mutex`. inUse: someone alive holds it. full: it has records,
// and was to go only if empty.
Status removeSegment(const std::string& path, const AttachOptions& attach, Diagnosis& diagnosis,
                     Remove remove = Remove::always);

// Unlinks what creators without O_TMPFILE left behind when they died.
uint32_t removeDeadTemporaries(const std::string& directory);

}  // namespace rmq::ring
