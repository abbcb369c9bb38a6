package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenFileTest {
    private static final Instant LONG_AGO = Instant.parse("2024-01-01T00:00:00Z");

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("tokens");
    }

    private void write(String content) throws IOException {
        Files.writeString(file, content);
    }

    @Test
    void letsInWhoHoldsATokenOfTheFile() throws IOException {
        write("# two agents\n\n  first-token\t\r\nsecond-token");
        Authenticator tokens = Authenticator.tokens(file);
        assertThat(tokens.authenticate("first-token")).isPresent();
        assertThat(tokens.authenticate("second-token")).isPresent();
    }

    @Test
    void refusesEveryOtherToken() throws IOException {
        write("# comment\ntoken\n");
        Authenticator tokens = Authenticator.tokens(file);
        for (String other : new String[] {"", "toke", "token1", "TOKEN", " token", "# comment", "comment"}) {
            assertThat(tokens.authenticate(other)).as("'%s'", other).isEmpty();
        }
    }

    @Test
    void ownersDifferByTokenAndDoNotDependOnTheLineOrShowTheToken() throws IOException {
        write("alpha\nbeta\n");
        Authenticator tokens = Authenticator.tokens(file);
        Optional<AgentIdentity> alpha = tokens.authenticate("alpha");
        Optional<AgentIdentity> beta = tokens.authenticate("beta");
        write("# moved\nbeta\n\nalpha\n");
        assertThat(tokens.authenticate("alpha")).isEqualTo(alpha);
        assertThat(beta).isPresent().isNotEqualTo(alpha);
        assertThat(alpha.orElseThrow().owner()).matches("token-[0-9a-f]{12}").doesNotContain("alpha");
    }

    @Test
    void readsTheFileAgainWhenItChanged() throws IOException {
        write("old\n");
        Authenticator tokens = Authenticator.tokens(file);
        write("brand-new\n");
        assertThat(tokens.authenticate("old")).isEmpty();
        assertThat(tokens.authenticate("brand-new")).isPresent();
    }

    @Test
    void seesAChangeThatLeavesSizeAndTimeAlone() throws IOException {
        write("aaa\n");
        FileTime time = Files.getLastModifiedTime(file);
        Authenticator tokens = Authenticator.tokens(file);
        write("bbb\n");
        Files.setLastModifiedTime(file, time);
        assertThat(tokens.authenticate("aaa")).isEmpty();
        assertThat(tokens.authenticate("bbb")).isPresent();
    }

    @Test
    void readsAnOldUnchangedFileOnlyOnce() throws IOException {
        write("aaa\n");
        Files.setLastModifiedTime(file, FileTime.from(LONG_AGO));
        Authenticator tokens = new TokenFile(file, InstantSource.fixed(LONG_AGO.plusSeconds(3600)));
        write("bbb\n");
        Files.setLastModifiedTime(file, FileTime.from(LONG_AGO));
        assertThat(tokens.authenticate("aaa")).isPresent();
    }

    @Test
    void keepsItsTokensWhileTheFileIsMissingAndReadsItWhenItIsBack() throws IOException {
        write("kept\n");
        Authenticator tokens = Authenticator.tokens(file);
        Files.delete(file);
        assertThat(tokens.authenticate("kept")).isPresent();
        assertThat(tokens.authenticate("kept")).isPresent();
        write("next\n");
        assertThat(tokens.authenticate("kept")).isEmpty();
        assertThat(tokens.authenticate("next")).isPresent();
    }

    @Test
    void emptyingTheFileLocksEveryoneOut() throws IOException {
        write("kept\n");
        Authenticator tokens = Authenticator.tokens(file);
        write("");
        assertThat(tokens.authenticate("kept")).isEmpty();
    }

    @Test
    void whoseLineIsGoneOrHasOtherClaimsIsNotLetInAnyMore() throws IOException {
        write("gone\nstays shop\nchanged shop\ncert:gone.test\ncert:stays.test\n");
        Authenticator tokens = Authenticator.tokens(file);
        Set<AgentIdentity> agents = Stream.concat(
                        Stream.of("gone", "stays", "changed").map(tokens::authenticate),
                        Stream.of(new AgentIdentity("cert:gone.test"), new AgentIdentity("cert:stays.test"))
                                .map(Optional::of))
                .map(Optional::orElseThrow)
                .collect(Collectors.toSet());
        assertThat(tokens.stillLetIn(agents)).isEqualTo(agents);
        write("new\nchanged\nstays shop\ncert:stays.test\n");
        assertThat(tokens.stillLetIn(agents))
                .containsExactlyInAnyOrder(
                        tokens.authenticate("stays").orElseThrow(), new AgentIdentity("cert:stays.test"));
        Files.delete(file);
        assertThat(tokens.stillLetIn(agents)).hasSize(2);
    }

    @Test
    void saysWhatIsWrongWithTheFile() throws IOException {
        assertRefused("does not exist");
        write("# nothing\n\n");
        assertRefused("holds no token");
        write("fine\nmy s\u00e9cret\n");
        assertRefused("line 2 claims");
        write("fine\ncert: shop\n");
        assertRefused("line 2 names nobody behind cert:");
        write("fine\ns\u00e9cret\n");
        assertRefused("line 2 has no token");
        Files.write(file, new byte[] {'a', (byte) 0xff, '\n'});
        assertRefused("not text in UTF-8");
        Files.write(file, new byte[(1 << 20) + 1]);
        assertRefused("larger than");
    }

    private void assertRefused(String why) {
        assertThatThrownBy(() -> Authenticator.tokens(file))
                .isInstanceOfSatisfying(
                        TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.BAD_CONFIGURATION))
                .hasMessageContaining(file.toString())
                .hasMessageContaining(why)
                .hasMessageNotContaining("secret");
    }

    @Test
    void whatFollowsATokenIsWhatItMayClaim() throws IOException {
        write("plain\nscoped Shop shop-*\tapp.example.org :8443\n");
        Authenticator tokens = Authenticator.tokens(file);
        AgentIdentity plain = tokens.authenticate("plain").orElseThrow();
        AgentIdentity scoped = tokens.authenticate("scoped").orElseThrow();
        assertThat(plain.mayClaim("anything") && plain.mayClaimPort(1)).isTrue();
        for (String name : new String[] {"shop", "shop-", "shop-7", "app.example.org"}) {
            assertThat(scoped.mayClaim(name)).as(name).isTrue();
        }
        for (String name : new String[] {"sho", "shops", "example.org", "shop-a.example.org", "xapp.example.org"}) {
            assertThat(scoped.mayClaim(name)).as(name).isFalse();
        }
        assertThat(scoped.mayClaimPort(8443)).isTrue();
        assertThat(scoped.mayClaimPort(8444)).isFalse();
        assertThat(tokens.authenticate("scoped Shop")).isEmpty();
    }

    /** Who has no certificate cannot be anybody's, and the line is no token either. */
    @Test
    void aLineForACertificateIsNoToken() throws IOException {
        write("cert:Shop.agents.test shop\n");
        Authenticator tokens = Authenticator.tokens(file);
        assertThat(tokens.isBound("shop")).isTrue();
        for (String token : new String[] {"cert:Shop.agents.test", "cert:shop.agents.test", "Shop.agents.test"}) {
            assertThat(tokens.authenticate(token)).isEmpty();
            assertThat(tokens.authenticate(new AgentCredentials(Optional.of(token), List.of())))
                    .isEmpty();
        }
        AgentCredentials none = new AgentCredentials(Optional.empty(), List.of());
        assertThat(tokens.authenticate(none)).isEmpty();
        assertThat(Authenticator.certificates().authenticate(none)).isEmpty();
        assertThat(new AgentCredentials(Optional.of("secret"), List.of()).toString())
                .doesNotContain("secret");
    }

    @Test
    void aNameInFullIsBound() throws IOException {
        write("plain\nscoped shop shop-* app.example.org\n");
        Authenticator tokens = Authenticator.tokens(file);
        assertThat(tokens.isBound("shop")).isTrue();
        assertThat(tokens.isBound("app.example.org")).isTrue();
        assertThat(tokens.isBound("shop-7")).isFalse();
        assertThat(tokens.isBound("other")).isFalse();
    }

    @Test
    void aClaimThatIsNoneMakesTheFileUnusable() throws IOException {
        for (String claim : new String[] {"under_score", "*shop", "a/b", ":port", "-x_"}) {
            write("token " + claim + "\n");
            assertThatThrownBy(() -> Authenticator.tokens(file))
                    .as(claim)
                    .isInstanceOf(TunnelException.class)
                    .hasMessageContaining("line 1");
        }
    }
}
