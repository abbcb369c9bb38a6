package io.culvert.tunnel.tcp.internal;

/**
 * How many connections ought to wait for streams: twice as many each time that none was left, and fewer again after a while in which many
 * were not needed. Not thread-safe.
 */
final class SlotDemand {
    private final int floor;
    private final int most;
    private int target;

    /** The fewest that waited since {@link #relax}. */
    private int least;

    /** Whether more were asked for and none came since. */
    private boolean grown;

    /**
     * A demand that nobody made yet.
     *
     * @param floor how many there ought to be at least; with 0 there are none at all
     * @param most how many there may come to be; less than the floor is the floor
     */
    SlotDemand(int floor, int most) {
        this.floor = floor;
        this.most = floor == 0 ? 0 : Math.max(floor, most);
        this.target = floor;
    }

    int target() {
        return target;
    }

    boolean isAboveFloor() {
        return target > floor;
    }

    /** One was used. */
    void taken(int left) {
        least = Math.min(least, left);
    }

    /** None was left to be used. Until one more has come it is no reason for still more. */
    void missed() {
        least = 0;
        if (!grown) {
            grown = true;
            target = Math.min(most, 2 * target);
        }
    }

    /** One came that may be used. */
    void arrived() {
        grown = false;
    }

    /** A period is over: half of those that it would have gone without are not needed. */
    void relax(int waiting) {
        target = Math.max(floor, target - (Math.min(least, target) + 1) / 2);
        least = waiting;
    }
}
