#include "format.hpp"

#include <cstring>

#include "word.hpp"

namespace rmq::ring {

Status formatRing(void* memory, const Geometry& g, const Birth& birth) {
  if (birth.descriptionBytes > kDescriptionMax) return Status::invalidArgument;
  View v = viewOf(memory, g);
  Identity id{};
  id.abi = kAbi;
  id.mode = g.mode;
  id.totalBytes = g.totalBytes;
  id.arenaBytes = g.arenaBytes;
  id.ttlNs = g.ttlNs;
  id.indexSlots = g.indexSlots;
  id.descriptors = g.descriptors;
  id.participants = g.participants;
  id.leasesEach = kLeasesEach;
  id.maxRecordBytes = g.maxRecordBytes;
  id.offPart = g.offPart;
  id.offDesc = g.offDesc;
  id.offIndex = g.offIndex;
  id.offArena = g.offArena;
  id.leaseBudget = g.leaseBudget;
  std::memcpy(id.uuid, birth.uuid, sizeof id.uuid);
  std::memcpy(id.bootId, birth.bootId, sizeof id.bootId);
  id.creatorPid = birth.creator.pid;
  id.creatorStartTime = birth.creator.startTime;
  id.creatorPidNamespace = birth.creator.pidNamespace;
  id.maxRecords = g.maxRecords;
  id.descriptionBytes = birth.descriptionBytes;
  id.createdRealtimeNs = birth.realtimeNs;
  if (birth.descriptionBytes != 0) {
    std::memcpy(v.h->description, birth.description, birth.descriptionBytes);
  }
  v.h->pub.nextSeq.store(birth.firstSeq, std::memory_order_relaxed);
  v.h->oldest.seq.store(birth.firstSeq, std::memory_order_relaxed);
  AllocLine& a = v.h->alloc;
  a.apos = 0;
  a.hand = a.head = a.tail = kNone;
  a.freeHead = 0;
  for (uint32_t i = 0; i < g.descriptors; ++i) {
    v.links[i] = Links{kNone, i + 1 < g.descriptors ? i + 1 : kNone};
  }

  id.magic = kMagic;
  Identity& target = v.h->identity;
  std::memcpy(&target, &id, sizeof id);
  target.crc = headerCrc(static_cast<const uint8_t*>(memory));
  return Status::ok;
}

}  // namespace rmq::ring
