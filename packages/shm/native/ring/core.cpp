#include "core.hpp"

#include <new>

namespace rmq::ring {

View viewOf(void* base, const Geometry& geometry) {
  auto* bytes = static_cast<uint8_t*>(base);
  View v;
  v.g = geometry;
  v.h = reinterpret_cast<Header*>(bytes);
  v.parts = reinterpret_cast<Participant*>(bytes + geometry.offPart);
  v.desc = reinterpret_cast<Descriptor*>(bytes + geometry.offDesc);
  v.index = reinterpret_cast<std::atomic<uint64_t>*>(bytes + geometry.offIndex);
  v.links = reinterpret_cast<Links*>(bytes + geometry.offLinks);
  v.arena = bytes + geometry.offArena;
  v.slotMask = geometry.indexSlots - 1;
  return v;
}

bool prepareCore(Core& core) {
  core.scratch.reset(new (std::nothrow) uint64_t[core.v.g.descriptors]);
  core.probedAt.reset(new (std::nothrow) uint64_t[core.v.g.participants]());
  return core.scratch && core.probedAt;
}

}  // namespace rmq::ring
