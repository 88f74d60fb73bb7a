#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

// Runs tiny parallel programs in every order that a weakly ordered machine
// allows, and says whether a forbidden result can happen.
//
//   weak  ARMv8-like: one memory, but each thread may perform its accesses out
//         of order wherever nothing forbids it: no fence between, not the same
//         address, no acquire before, no release behind, no dependency. Stores
//         wait for branches; loads do not. A read-modify-write is two accesses:
//         its acquire orders later accesses behind its load, not its store.
//   tso   x86: stores of a thread leave in order through a buffer that its own
//         loads look into; non-temporal stores wait in another buffer and may
//         leave at any time; locked operations and full fences empty both.
//
// Small and home-made: it finds missing fences, it does not prove silicon.

namespace rmq::model {

enum class Kind { load, store, storeNt, cas, fence, check };
enum class Fence { full, acquire };

struct Op {
  Kind kind = Kind::fence;
  int address = 0;
  int reg = -1;        // load, cas: where the value goes
  int value = 0;       // store: what; cas: the new value
  int expected = 0;    // cas
  bool acquire = false;
  bool release = false;
  Fence fence = Fence::full;
  std::vector<int> dependsOn;                     // indices of earlier loads that this access needs
  std::function<bool(const int* regs)> goOn;      // check: false ends the thread
};

constexpr int kRegisters = 8;
constexpr int kAddresses = 6;

struct Program {
  std::string name;
  std::array<int, kAddresses> initial{};
  std::vector<std::vector<Op>> threads;
  // finished[t]: the thread came to its end instead of leaving at a check.
  std::function<bool(const std::vector<std::array<int, kRegisters>>& regs, const std::vector<bool>& finished)> forbidden;
};

enum class Machine { weak, tso };

struct Verdict {
  bool forbiddenSeen = false;
  bool allFinish = false;  // every thread came to its end in some run: the model is not vacuous
  uint64_t states = 0;
};

Verdict explore(const Program& program, Machine machine);

// --- building programs
inline Op load(int address, int reg, bool acquire = false) {
  Op o;
  o.kind = Kind::load;
  o.address = address;
  o.reg = reg;
  o.acquire = acquire;
  return o;
}
inline Op store(int address, int value, bool release = false) {
  Op o;
  o.kind = Kind::store;
  o.address = address;
  o.value = value;
  o.release = release;
  return o;
}
inline Op storeNt(int address, int value) {
  Op o = store(address, value);
  o.kind = Kind::storeNt;
  return o;
}
inline Op cas(int address, int expected, int value, int reg, bool acquire, bool release) {
  Op o;
  o.kind = Kind::cas;
  o.address = address;
  o.expected = expected;
  o.value = value;
  o.reg = reg;
  o.acquire = acquire;
  o.release = release;
  return o;
}
inline Op fence(Fence f = Fence::full) {
  Op o;
  o.kind = Kind::fence;
  o.fence = f;
  return o;
}
inline Op check(std::function<bool(const int*)> goOn, std::vector<int> reads) {
  Op o;
  o.kind = Kind::check;
  o.goOn = std::move(goOn);
  o.dependsOn = std::move(reads);
  return o;
}
inline Op needing(Op o, std::vector<int> loads) {
  o.dependsOn = std::move(loads);
  return o;
}

}  // namespace rmq::model
