#pragma once

#include <memory>
#include <string>
#include <vector>

#include "segment.hpp"

namespace rmq::ring {

// A segment as those see it who only look. `status` tells how much is known: after
// ok and staleBoot everything, else no more than who holds it.
struct Inspection {
  Status status = Status::ok;
  Diagnosis diagnosis;
  uint32_t holders = 0;   // participants whose byte somebody alive holds
  bool entering = false;  // somebody attaches or removes at this moment
  Identity identity{};
  std::string description;
  Live live;
  Counters counters;
  bool retired = false;
  bool poisoned = false;
  std::vector<ParticipantInfo> participants;
};

// Of any user's file that may be read. Takes no place and no lock, writes nothing
// and maps nothing: its bytes are copied first, so that neither a file that is cut
// short meanwhile nor one full of nonsense can hurt whoever looks.
void inspectSegment(const std::string& path, Inspection& out);
void inspectFile(int fd, Inspection& out);

}  // namespace rmq::ring
