#include <iterator>

#include "results.hpp"
#include "segment-methods.hpp"

namespace rmq::binding::segment {

using ring::Status;

napi_value nextSequence(napi_env env, Self& self, napi_value*) {
  return self.isOpen() ? number(env, self.ring().nextSeq()) : negative(env, Status::closed);
}

napi_value oldestSequence(napi_env env, Self& self, napi_value*) {
  return self.isOpen() ? number(env, self.ring().oldestSeq()) : negative(env, Status::closed);
}

napi_value state(napi_env env, Self& self, napi_value*) {
  double cells[13] = {};  // by STATE in addon-types.ts
  if (self.isOpen()) {
    const ring::Ring& r = self.ring();
    const ring::Live live = r.readable();
    const ring::Counters c = r.counters();
    const uint64_t values[] = {r.nextSeq(), r.oldestSeq(), live.records, live.bytes,   c.publishedBytes,
                               c.evicted,   c.expired,     c.popped,     c.aborted,    c.rejected,
                               c.rebuilds,  c.burials,     r.newestNs()};
    static_assert(std::size(values) == std::size(cells));
    for (size_t i = 0; i < std::size(cells); ++i) cells[i] = static_cast<double>(values[i]);
  }
  return numbers(env, cells, std::size(cells));
}

napi_value participants(napi_env env, Self& self, napi_value*) {
  napi_value list;
  napi_create_array(env, &list);
  const uint32_t places = self.isOpen() ? self.ring().geometry().participants : 0;
  uint32_t count = 0;
  for (uint32_t p = 0; p < places; ++p) {
    ring::ParticipantInfo info;
    if (!self.ring().participantInfo(p, info)) continue;
    napi_value entry;
    napi_create_object(env, &entry);
    napi_set_named_property(env, entry, "pid", number(env, info.self.pid));
    napi_set_named_property(env, entry, "alive", boolean(env, info.alive));
    napi_set_named_property(env, entry, "leases", number(env, uint64_t{info.leases}));
    napi_set_named_property(env, entry, "pinnedBytes", number(env, info.pinnedBytes));
    napi_set_element(env, list, count++, entry);
  }
  return list;
}

napi_value reap(napi_env env, Self& self, napi_value*) { return number(env, uint64_t{self.ring().reapDead()}); }

napi_value stalledPid(napi_env env, Self& self, napi_value*) { return number(env, self.ring().stalledPid()); }

napi_value isNamed(napi_env env, Self& self, napi_value*) { return boolean(env, self.attachment().isNamed()); }

napi_value unlink(napi_env env, Self& self, napi_value*) { return status(env, self.attachment().unlinkName()); }

}  // namespace rmq::binding::segment
