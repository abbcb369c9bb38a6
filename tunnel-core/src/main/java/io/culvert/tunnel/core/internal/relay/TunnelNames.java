package io.culvert.tunnel.core.internal.relay;

import java.security.SecureRandom;
import java.util.Random;

/** Random names that a person can read out, such as {@code amber-otter-4821}. */
final class TunnelNames {
    private static final String[] FIRST = {
        "amber", "brave", "brisk", "calm", "clear", "coral", "crisp", "dawn", "eager", "early", "fair", "fleet",
                "fresh",
        "gentle", "glad", "golden", "grand", "green", "happy", "hazel", "indigo", "ivory", "jolly", "keen", "kind",
                "lively",
        "lucky", "lunar", "mellow", "merry", "mild", "misty", "noble", "olive", "opal", "pearl", "plain", "polar",
                "proud",
        "quick", "quiet", "rapid", "rosy", "royal", "ruby", "sandy", "scarlet", "sharp", "silver", "smooth", "solar",
                "spry",
        "still", "sunny", "swift", "tidy", "topaz", "true", "vivid", "warm", "wild", "wise", "young", "zesty"
    };
    private static final String[] SECOND = {
        "acorn", "badger", "beacon", "birch", "brook", "canyon", "cedar", "cliff", "cloud", "comet", "crane", "creek",
                "delta",
        "dune", "eagle", "elm", "ember", "falcon", "fern", "finch", "fjord", "forest", "fox", "glade", "grove",
                "harbor",
        "hawk", "heron", "hill", "island", "lagoon", "lake", "lark", "lynx", "maple", "marsh", "meadow", "moon", "moss",
        "oak", "ocean", "otter", "owl", "peak", "pebble", "pine", "pond", "prairie", "quail", "rain", "raven", "reef",
        "ridge", "river", "robin", "sparrow", "spring", "stone", "stream", "summit", "tide", "valley", "willow", "wren"
    };
    private static final int NUMBERS = 10_000;

    private final Random random = new SecureRandom();

    /** One of some 40 million. */
    String next() {
        return FIRST[random.nextInt(FIRST.length)]
                + "-" + SECOND[random.nextInt(SECOND.length)]
                + "-" + random.nextInt(NUMBERS);
    }
}
