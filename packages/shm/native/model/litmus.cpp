// The ring's protocols, one by one, as tiny programs: the right version must
// never give the forbidden result, and each weakened version must give it.

#include <cstdio>

#include "explorer.hpp"

using namespace rmq::model;

namespace {

enum Address { W, P, Q, H, M, N };  // word, payload x2, hazard, mask, next_seq (or lock, field)

using Regs = std::vector<std::array<int, kRegisters>>;

struct Case {
  Program program;
  Machine machine;
  bool sound;  // or: weakened, and must be caught
};

std::vector<Case> cases;

bool one(const int* r, int reg, int value) { return r[reg] == value; }

void add(const std::string& name, Machine machine, bool sound, std::array<int, kAddresses> initial,
         std::vector<std::vector<Op>> threads,
         std::function<bool(const Regs&, const std::vector<bool>&)> forbidden) {
  cases.push_back({Program{name, initial, std::move(threads), std::move(forbidden)}, machine, sound});
}

std::vector<Op> without(std::vector<Op> ops, size_t index) {
  // Dependencies count ops before them; keep the numbering by a check that always goes on.
  ops[index] = check([](const int*) { return true; }, {});
  return ops;
}

// A reader copies a record while its room is given to the next one.
void copyingRead() {
  const std::vector<Op> writer = {cas(W, 1, 2, 0, true, true), fence(), store(P, 20), store(Q, 20)};
  const std::vector<Op> reader = {load(W, 0, true), check([](const int* r) { return one(r, 0, 1); }, {0}),
                                  load(P, 1),       load(Q, 2),
                                  fence(Fence::acquire), load(W, 3),
                                  check([](const int* r) { return one(r, 3, 1); }, {5})};
  const auto torn = [](const Regs& r, const std::vector<bool>& f) { return f[1] && (r[1][1] != 10 || r[1][2] != 10); };
  const std::array<int, kAddresses> init = {1, 10, 10, 0, 0, 0};
  add("copying read", Machine::weak, true, init, {writer, reader}, torn);
  add("copying read", Machine::tso, true, init, {writer, reader}, torn);
  add("copying read: no full fence after DEAD", Machine::weak, false, init, {without(writer, 1), reader}, torn);
  add("copying read: no acquire fence before the second look", Machine::weak, false, init,
      {writer, without(reader, 4)}, torn);
  std::vector<Op> early = reader;
  early[0].acquire = false;
  add("copying read: first look relaxed, fields of another life", Machine::weak, false, {1, 10, 10, 0, 0, 0},
      {{store(P, 11), store(Q, 11), store(W, 3, true)},
       {load(W, 0), check([](const int* r) { return one(r, 0, 3); }, {0}), load(P, 1), load(Q, 2)}},
      [](const Regs& r, const std::vector<bool>& f) { return f[1] && (r[1][1] != 11 || r[1][2] != 11); });

  // One writer reclaims, another allocates: the lock carries what the first knew.
  const std::vector<Op> reclaims = {cas(W, 1, 2, 0, true, true), fence(), store(H, 1, true)};
  const std::vector<Op> allocates = {cas(H, 1, 2, 0, true, false), storeNt(P, 20), storeNt(Q, 20)};
  const auto tornByThird = [](const Regs& r, const std::vector<bool>& f) {
    return f[2] && (r[2][1] != 10 || r[2][2] != 10);
  };
  for (const Machine m : {Machine::weak, Machine::tso}) {
    add("copying read, reclaimed by one and reused by another", m, true, init, {reclaims, allocates, reader}, tornByThird);
  }
  std::vector<Op> hasty = allocates;
  hasty[0] = load(H, 0);
  add("copying read, reused by one who did not lock", Machine::weak, false, init, {reclaims, hasty, reader}, tornByThird);

  const std::vector<Op> big = {cas(W, 1, 2, 0, true, true), fence(), storeNt(P, 20), storeNt(Q, 20)};
  add("copying read against a non-temporal copy", Machine::tso, true, init, {big, reader}, torn);
  add("copying read against a non-temporal copy: DEAD by a plain store", Machine::tso, false, init,
      {{store(W, 2), storeNt(P, 20), storeNt(Q, 20)}, reader}, torn);
}

void publication() {
  const std::vector<Op> writer = {store(P, 5), store(W, 1, true), store(M, 1, true), store(N, 1, true)};
  const std::vector<Op> reader = {load(N, 0, true), check([](const int* r) { return one(r, 0, 1); }, {0}),
                                  load(M, 1, true), check([](const int* r) { return one(r, 1, 1); }, {2}),
                                  load(W, 2, true), check([](const int* r) { return one(r, 2, 1); }, {4}), load(P, 3)};
  // Once the number is visible so must be the entry, the word and the fields.
  const auto missing = [](const Regs& r, const std::vector<bool>& f) {
    return r[1][0] == 1 && (!f[1] || r[1][3] != 5);
  };
  add("publish", Machine::weak, true, {}, {writer, reader}, missing);
  add("publish", Machine::tso, true, {}, {writer, reader}, missing);
  std::vector<Op> relaxed = writer;
  relaxed[3].release = false;
  add("publish: next_seq without release", Machine::weak, false, {}, {relaxed, reader}, missing);
  relaxed = reader;
  relaxed[0].acquire = false;
  add("publish: next_seq read without acquire", Machine::weak, false, {}, {writer, relaxed}, missing);

  const std::vector<Op> copier = {storeNt(P, 20), fence(), cas(H, 0, 1, 0, true, false), store(N, 1, true), store(H, 0, true)};
  const std::vector<Op> taker = {load(N, 0, true), check([](const int* r) { return one(r, 0, 1); }, {0}), load(P, 1)};
  const auto stale = [](const Regs& r, const std::vector<bool>& f) { return f[1] && r[1][1] != 20; };
  add("commit of a non-temporal copy", Machine::tso, true, {}, {copier, taker}, stale);
  add("commit of a non-temporal copy", Machine::weak, true, {}, {copier, taker}, stale);
  add("commit of a non-temporal copy: neither fence nor locked instruction", Machine::tso, false, {},
      {{storeNt(P, 20), store(N, 1, true)}, taker}, stale);
}

void leasing() {
  const std::vector<Op> lessee = {store(M, 1), store(H, 1, true), fence(), load(W, 0, true),
                                  check([](const int* r) { return one(r, 0, 1); }, {3}), load(P, 1)};
  const std::vector<Op> reclaimer = {cas(W, 1, 2, 0, true, true), fence(), load(M, 1, true), load(H, 2, true),
                                     check([](const int* r) { return r[1] == 0 || r[2] == 0; }, {2, 3}), store(P, 20)};
  const auto rewritten = [](const Regs& r, const std::vector<bool>& f) { return f[0] && r[0][1] != 10; };
  const std::array<int, kAddresses> init = {1, 10, 0, 0, 0, 0};
  add("lease", Machine::weak, true, init, {lessee, reclaimer}, rewritten);
  add("lease", Machine::tso, true, init, {lessee, reclaimer}, rewritten);
  add("lease: no fence behind the hazard", Machine::weak, false, init, {without(lessee, 2), reclaimer}, rewritten);
  add("lease: no fence behind the hazard", Machine::tso, false, init, {without(lessee, 2), reclaimer}, rewritten);
  add("lease: no fence before the scan", Machine::weak, false, init, {lessee, without(reclaimer, 1)}, rewritten);
  std::vector<Op> trusting = without(lessee, 4);
  add("lease: no second look", Machine::weak, false, init, {trusting, reclaimer}, rewritten);

  // Killed by a consumer, reclaimed by a writer: the fence of the writer must do.
  const std::vector<Op> popper = {cas(W, 1, 2, 0, false, true)};
  const std::vector<Op> later = {load(W, 0, true), check([](const int* r) { return one(r, 0, 2); }, {0}), fence(),
                                 load(M, 1, true), load(H, 2, true),
                                 check([](const int* r) { return r[1] == 0 || r[2] == 0; }, {3, 4}), store(P, 20)};
  add("lease of a record popped by a third", Machine::weak, true, init, {lessee, popper, later}, rewritten);
  add("lease of a record popped by a third", Machine::tso, true, init, {lessee, popper, later}, rewritten);
  add("lease of a record popped by a third: no fence behind the hazard", Machine::weak, false, init,
      {without(lessee, 2), popper, later}, rewritten);
}

void unleasing() {
  const std::vector<Op> lessee = {load(P, 0), store(H, 0, true), store(M, 0, true)};
  const std::vector<Op> reclaimer = {load(M, 0, true), load(H, 1, true),
                                     check([](const int* r) { return r[0] == 0 || r[1] == 0; }, {0, 1}), store(P, 20)};
  const auto rewritten = [](const Regs& r, const std::vector<bool>&) { return r[0][0] != 10; };
  const std::array<int, kAddresses> init = {2, 10, 0, 1, 1, 0};
  add("unlease", Machine::weak, true, init, {lessee, reclaimer}, rewritten);
  add("unlease", Machine::tso, true, init, {lessee, reclaimer}, rewritten);
  std::vector<Op> relaxed = lessee;
  relaxed[1].release = false;
  add("unlease: hazard cleared without release", Machine::weak, false, init, {relaxed, reclaimer}, rewritten);
  relaxed = lessee;
  relaxed[2].release = false;
  add("unlease: mask cleared without release", Machine::weak, false, init, {relaxed, reclaimer}, rewritten);
}

void popping() {
  const std::vector<Op> popper = {load(P, 0), load(Q, 1), cas(W, 1, 2, 2, false, true)};
  const std::vector<Op> writer = {load(W, 0, true), check([](const int* r) { return one(r, 0, 2); }, {0}), fence(),
                                  store(P, 20), store(Q, 20)};
  const auto torn = [](const Regs& r, const std::vector<bool>& f) { return f[0] && (r[0][0] != 10 || r[0][1] != 10); };
  const std::array<int, kAddresses> init = {1, 10, 10, 0, 0, 0};
  add("pop", Machine::weak, true, init, {popper, writer}, torn);
  add("pop", Machine::tso, true, init, {popper, writer}, torn);
  std::vector<Op> relaxed = popper;
  relaxed[2].release = false;
  add("pop: CAS without release", Machine::weak, false, init, {relaxed, writer}, torn);
  const std::vector<Op> reader = {load(W, 0, true), check([](const int* r) { return one(r, 0, 1); }, {0}), load(P, 1),
                                  fence(Fence::acquire), load(W, 2), check([](const int* r) { return one(r, 2, 1); }, {4})};
  add("copying read of a record popped by a third", Machine::weak, true, init, {reader, popper, writer},
      [](const Regs& r, const std::vector<bool>& f) { return f[0] && r[0][1] != 10; });
}

void waking() {
  const std::vector<Op> writer = {store(N, 1, true), fence(), load(M, 0)};
  const std::vector<Op> sleeper = {store(M, 1), fence(), load(N, 0, true)};
  const auto missed = [](const Regs& r, const std::vector<bool>&) { return r[0][0] == 0 && r[1][0] == 0; };
  for (const Machine m : {Machine::weak, Machine::tso}) {
    add("wake", m, true, {}, {writer, sleeper}, missed);
    add("wake: writer without fence", m, false, {}, {without(writer, 1), sleeper}, missed);
    add("wake: sleeper without fence", m, false, {}, {writer, without(sleeper, 1)}, missed);
  }
  const std::vector<Op> a = {store(P, 1), fence(), load(Q, 0)};
  const std::vector<Op> b = {store(Q, 1), fence(), load(P, 0)};
  add("lease budget of two at once", Machine::weak, true, {}, {a, b}, missed);
  add("lease budget of two at once: one without fence", Machine::weak, false, {}, {without(a, 1), b}, missed);
}

void locking() {
  const std::vector<Op> holder = {store(P, 5), store(Q, 6), store(W, 0, true)};
  const std::vector<Op> next = {cas(W, 0, 2, 0, true, false), load(P, 1), load(Q, 2)};
  const auto old = [](const Regs& r, const std::vector<bool>& f) { return f[1] && (r[1][1] != 5 || r[1][2] != 6); };
  const std::array<int, kAddresses> init = {1, 0, 0, 0, 0, 0};
  add("lock", Machine::weak, true, init, {holder, next}, old);
  add("lock", Machine::tso, true, init, {holder, next}, old);
  std::vector<Op> relaxed = holder;
  relaxed[2].release = false;
  add("lock: unlock without release", Machine::weak, false, init, {relaxed, next}, old);
  relaxed = next;
  relaxed[0].acquire = false;
  add("lock: lock without acquire", Machine::weak, false, init, {holder, relaxed}, old);
}

}  // namespace

int main() {
  copyingRead();
  publication();
  leasing();
  unleasing();
  popping();
  waking();
  locking();
  int failed = 0;
  for (const Case& c : cases) {
    const Verdict v = explore(c.program, c.machine);
    const bool good = v.forbiddenSeen != c.sound && (v.allFinish || !c.sound);
    failed += good ? 0 : 1;
    printf("%s %-4s %-8s %s (%llu states)\n", good ? "OK    " : "FAILED", c.machine == Machine::weak ? "weak" : "tso",
           c.sound ? "sound" : "caught", c.program.name.c_str(), static_cast<unsigned long long>(v.states));
  }
  printf("%d of %zu models as expected\n", static_cast<int>(cases.size()) - failed, cases.size());
  return failed == 0 ? 0 : 1;
}
