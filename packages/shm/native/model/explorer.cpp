#include "explorer.hpp"

#include <algorithm>

namespace rmq::model {
namespace {

// A cas is performed as two accesses: `half` is set between its load and its
// store. Failing is like leaving at a check.
enum : uint8_t { kPending = 0, kHalf = 1, kDone = 2 };

struct Buffered {
  int8_t address;
  int8_t value;
};

struct Thread {
  std::vector<uint8_t> state;  // per op
  std::array<int, kRegisters> regs{};
  std::vector<Buffered> buffer;  // tso
  std::vector<Buffered> nontemporal;
  bool left = false;
};

struct State {
  std::array<int, kAddresses> memory{};
  std::array<int, kAddresses> writes{};  // per address, to make a cas atomic
  std::vector<Thread> threads;
  std::vector<std::array<int, 2>> reserved;  // (address, writes) of a half-done cas per thread

  std::string key() const {
    std::string k;
    const auto add = [&](int v) { k.append(reinterpret_cast<const char*>(&v), sizeof v); };
    for (int v : memory) add(v);
    for (size_t t = 0; t < threads.size(); ++t) {
      const Thread& th = threads[t];
      k.append(reinterpret_cast<const char*>(th.state.data()), th.state.size());
      for (int r : th.regs) add(r);
      add(th.left);
      add(static_cast<int>(th.buffer.size()));
      for (const auto& b : th.buffer) add(b.address * 256 + b.value);
      add(static_cast<int>(th.nontemporal.size()));
      for (const auto& b : th.nontemporal) add(b.address * 256 + b.value);
      const bool half = std::find(th.state.begin(), th.state.end(), kHalf) != th.state.end();
      // Only whether the reservation still holds matters.
      add(half ? static_cast<int>(writes[static_cast<size_t>(reserved[t][0])] == reserved[t][1]) : 2);
    }
    return k;
  }
};

class Explorer {
 public:
  Explorer(const Program& program, Machine machine) : p_(program), machine_(machine) {}

  Verdict run() {
    State s;
    s.memory = p_.initial;
    for (const auto& ops : p_.threads) {
      Thread t;
      t.state.assign(ops.size(), kPending);
      s.threads.push_back(t);
    }
    s.reserved.resize(p_.threads.size());
    finishedOnce_.resize(p_.threads.size());
    visit(s);
    return verdict_;
  }

 private:
  // May op j of this thread be performed although op i, earlier, is not done?
  bool mayPass(const Op& i, uint8_t iState, const Op& j) const {
    if (machine_ == Machine::tso) return false;  // the buffers do the reordering
    // Branches wait for the values they test; stores wait for branches.
    if (j.kind == Kind::check) return true;
    if (i.kind == Kind::check) return j.kind == Kind::load || j.kind == Kind::fence;
    // Whatever comes behind a fence waits for it. It waits for all that comes
    // before, or, if it is an acquire fence, for the loads.
    if (i.kind == Kind::fence) return false;
    const bool iLoads = i.kind == Kind::load || (i.kind == Kind::cas && iState == kPending);
    if (j.kind == Kind::fence) return j.fence == Fence::acquire && !iLoads;
    if (i.address == j.address) return false;
    if (i.acquire && iLoads) return false;
    // A cas releases with its store half: see storeHalfReady().
    return !j.release || j.kind == Kind::cas;
  }

  bool ready(const State& s, size_t t, size_t j) const {
    const auto& ops = p_.threads[t];
    const Thread& th = s.threads[t];
    for (size_t i = 0; i < j; ++i) {
      if (th.state[i] == kDone) continue;
      if (!mayPass(ops[i], th.state[i], ops[j])) return false;
    }
    for (int d : ops[j].dependsOn) {
      if (th.state[static_cast<size_t>(d)] == kPending) return false;
    }
    return true;
  }

  static void write(State& s, int address, int value) {
    s.memory[static_cast<size_t>(address)] = value;
    ++s.writes[static_cast<size_t>(address)];
  }

  int see(const State& s, size_t t, int address) const {
    const Thread& th = s.threads[t];
    // Program order decides among a thread's own waiting stores; the programs
    // never mix both kinds on one address.
    for (auto it = th.buffer.rbegin(); it != th.buffer.rend(); ++it) {
      if (it->address == address) return it->value;
    }
    for (auto it = th.nontemporal.rbegin(); it != th.nontemporal.rend(); ++it) {
      if (it->address == address) return it->value;
    }
    return s.memory[static_cast<size_t>(address)];
  }

  static bool drained(const Thread& th) { return th.buffer.empty() && th.nontemporal.empty(); }

  void leave(State& s, size_t t) {
    Thread& th = s.threads[t];
    th.left = true;
    std::fill(th.state.begin(), th.state.end(), kDone);
  }

  // Performs op j; false if this path is to be dropped.
  bool perform(State& s, size_t t, size_t j) {
    const Op& op = p_.threads[t][j];
    Thread& th = s.threads[t];
    switch (op.kind) {
      case Kind::load:
        th.regs[static_cast<size_t>(op.reg)] = see(s, t, op.address);
        break;
      case Kind::store:
        if (machine_ == Machine::tso) th.buffer.push_back({static_cast<int8_t>(op.address), static_cast<int8_t>(op.value)});
        else write(s, op.address, op.value);
        break;
      case Kind::storeNt:
        if (machine_ == Machine::tso) th.nontemporal.push_back({static_cast<int8_t>(op.address), static_cast<int8_t>(op.value)});
        else write(s, op.address, op.value);
        break;
      case Kind::cas: {
        if (machine_ == Machine::tso) {
          if (!drained(th)) return false;
          const int seen = s.memory[static_cast<size_t>(op.address)];
          th.regs[static_cast<size_t>(op.reg)] = seen;
          if (seen != op.expected) {
            leave(s, t);
            return true;
          }
          write(s, op.address, op.value);
          break;
        }
        if (th.state[j] == kPending) {
          const int seen = s.memory[static_cast<size_t>(op.address)];
          th.regs[static_cast<size_t>(op.reg)] = seen;
          if (seen != op.expected) {
            leave(s, t);
            return true;
          }
          s.reserved[t] = {op.address, s.writes[static_cast<size_t>(op.address)]};
          th.state[j] = kHalf;
          return true;
        }
        // Lost the reservation: it would try again, which another order covers.
        if (s.writes[static_cast<size_t>(op.address)] != s.reserved[t][1]) return false;
        write(s, op.address, op.value);
        break;
      }
      case Kind::fence:
        if (machine_ == Machine::tso && op.fence == Fence::full && !drained(th)) return false;
        break;
      case Kind::check:
        if (!op.goOn(th.regs.data())) {
          leave(s, t);
          return true;
        }
        break;
    }
    th.state[j] = kDone;
    return true;
  }

  // The store half of a cas must itself wait for what a release waits for.
  bool storeHalfReady(const State& s, size_t t, size_t j) const {
    const auto& ops = p_.threads[t];
    for (size_t i = 0; i < j; ++i) {
      if (s.threads[t].state[i] == kDone) continue;
      if (ops[j].release || ops[i].kind == Kind::check) return false;
    }
    return true;
  }

  void visit(const State& s) {
    if (!seen_.insert(s.key()).second) return;
    ++verdict_.states;
    bool moved = false;
    for (size_t t = 0; t < s.threads.size(); ++t) {
      const Thread& th = s.threads[t];
      for (size_t j = 0; j < th.state.size(); ++j) {
        if (th.state[j] == kDone) continue;
        if (th.state[j] == kHalf ? !storeHalfReady(s, t, j) : !ready(s, t, j)) continue;
        State next = s;
        if (!perform(next, t, j)) continue;
        moved = true;
        visit(next);
      }
      if (!th.buffer.empty()) {
        State next = s;
        const Buffered b = next.threads[t].buffer.front();
        next.threads[t].buffer.erase(next.threads[t].buffer.begin());
        write(next, b.address, b.value);
        moved = true;
        visit(next);
      }
      for (size_t k = 0; k < th.nontemporal.size(); ++k) {
        State next = s;
        const Buffered b = next.threads[t].nontemporal[k];
        next.threads[t].nontemporal.erase(next.threads[t].nontemporal.begin() + static_cast<long>(k));
        write(next, b.address, b.value);
        moved = true;
        visit(next);
      }
    }
    if (moved) return;
    std::vector<std::array<int, kRegisters>> regs;
    std::vector<bool> finished;
    for (const Thread& th : s.threads) {
      if (std::any_of(th.state.begin(), th.state.end(), [](uint8_t x) { return x != kDone; })) return;  // dropped path
      regs.push_back(th.regs);
      finished.push_back(!th.left);
    }
    for (size_t t = 0; t < finished.size(); ++t) finishedOnce_[t] = finishedOnce_[t] || finished[t];
    verdict_.allFinish = std::all_of(finishedOnce_.begin(), finishedOnce_.end(), [](bool f) { return f; });
    verdict_.forbiddenSeen |= p_.forbidden(regs, finished);
  }

  const Program& p_;
  Machine machine_;
  std::set<std::string> seen_;
  std::vector<bool> finishedOnce_;
  Verdict verdict_;
};

}  // namespace

Verdict explore(const Program& program, Machine machine) { return Explorer(program, machine).run(); }

}  // namespace rmq::model
