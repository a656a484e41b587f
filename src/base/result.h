// SPDX-License-Identifier: Apache-2.0
//
// Result<T, E>: a value or the reason why there is none. Used for every failure that is expected
// in operation; exceptions end a request or the start-up, and are for the rest. A caller that drops
// a result does not compile; to drop it on purpose, cast it to void.
//
// Lifetime   owns its value or error.
// Threading  one thread at a time, as any value.
#pragma once

#include <utility>

// Declared before its own header, which knows no such attribute.
namespace tl {
template <class T, class E>
class [[nodiscard]] expected;  // NOLINT(readability-identifier-naming)
}

#include <tl/expected.hpp>

namespace atlas {

template <class T, class E>
using Result = tl::expected<T, E>;

// What a function with a Result returns in case of an error: `return failure(Errc::busy);`.
template <class E>
[[nodiscard]] auto failure(E&& error) {
    return tl::make_unexpected(std::forward<E>(error));
}

}  // namespace atlas
