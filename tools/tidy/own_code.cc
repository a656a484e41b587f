// SPDX-License-Identifier: Apache-2.0
//
// A module for clang-tidy that keeps its checks from walking through system headers. What they find
// there is not shown anyway, and looking for it takes three fifths of the time. tools/check-tidy
// builds and loads it.
//
// The check named here finds nothing. It sees the translation unit before its declarations are
// visited and leaves of them those that are ours. A check that follows calls into system headers
// would miss what comes back from there (misc-no-recursion is the only one known; it is not in our
// rules).
#include <clang-tidy/ClangTidyCheck.h>
#include <clang-tidy/ClangTidyModule.h>
#include <clang-tidy/ClangTidyModuleRegistry.h>
#include <clang/AST/ASTContext.h>
#include <clang/ASTMatchers/ASTMatchFinder.h>

#include <vector>

namespace {

using clang::ast_matchers::MatchFinder;

class OwnCode final : public clang::tidy::ClangTidyCheck {
public:
    using ClangTidyCheck::ClangTidyCheck;

    // The names are clang's.
    void registerMatchers(MatchFinder* finder) override {
        finder->addMatcher(clang::ast_matchers::translationUnitDecl().bind("unit"), this);
    }
    void check(const MatchFinder::MatchResult& result) override {
        const auto* unit = result.Nodes.getNodeAs<clang::TranslationUnitDecl>("unit");
        std::vector<clang::Decl*> own;
        for (clang::Decl* declaration : unit->decls()) {
            if (!result.SourceManager->isInSystemHeader(declaration->getLocation())) {
                own.push_back(declaration);
            }
        }
        result.Context->setTraversalScope(own);
    }
};

class Module final : public clang::tidy::ClangTidyModule {
public:
    void addCheckFactories(clang::tidy::ClangTidyCheckFactories& factories) override {
        factories.registerCheck<OwnCode>("atlas-own-code");
    }
};

const clang::tidy::ClangTidyModuleRegistry::Add<Module> kModule("atlas", "what Atlas adds");

}  // namespace
