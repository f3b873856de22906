// The operation table: everything the service can be asked to do, one row each, so that what an
// operation needs can be read in one place.
#pragma once

#include <span>
#include <string_view>

#include "service/dispatch/call.h"
#include "service/dispatch/cost.h"
#include "service/dispatch/job.h"
#include "service/dispatch/planning.h"

namespace strongroom {

// Which side of the provider field serves the operation (validation step 16).
enum class Place { Core, Crypto };

// What the caller must be before the handler may run. Admin is judged at steps 17 and 18, before
// the body is parsed; Authentication at step 21, after it.
enum class Needs { Nothing, Authentication, Admin };

// Which clients learn of the operation from ListOpcodes: Rust clients fail on what they do not
// know, 22 and 23 included. It is served to all.
enum class Listed { Always, Extended };

// Whether requests of one connection and provider may overtake each other. Those that may not have
// the turn of their strand from before they are planned until they are answered.
enum class Order { Any, AsArrived };

struct Operation {
  Opcode opcode;
  std::string_view name;
  Place place;
  Needs needs;
  Listed listed;
  bool (*is_served_by)(Provider& provider);  // has the facet; always true for core operations
  Result<Work> (*plan)(Planning& planning);
  Order order = Order::Any;
};

std::span<const Operation> operations() noexcept;

// nullptr for an opcode that is none of ours.
const Operation* find_operation(std::uint32_t opcode) noexcept;

}  // namespace strongroom
