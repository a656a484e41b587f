// SPDX-License-Identifier: Apache-2.0
//
// Result<T, E>: a value or the reason why there is none. Used for every failure that is expected
// in operation; exceptions end a request or the start-up, and are for the rest.
//
// Threading  plain data; one thread at a time.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace atlas {

template <class T, class E>
using Result = tl::expected<T, E>;

// What a function with a Result returns in case of an error: `return failure(Errc::busy);`.
template <class E>
auto failure(E&& error) {
    return tl::make_unexpected(std::forward<E>(error));
}

}  // namespace atlas
