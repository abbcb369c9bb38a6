package io.culvert.tunnel.tcp.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How the number of connections that are held ready follows what is used. */
class SlotDemandTest {
    private static final int FLOOR = 8;
    private static final int MOST = 20;

    private final SlotDemand demand = new SlotDemand(FLOOR, MOST);

    private void missAfterOneCame() {
        demand.arrived();
        demand.missed();
    }

    @Test
    void doublesWhenNoneIsLeftUpToTheMost() {
        missAfterOneCame();
        assertThat(demand.target()).isEqualTo(16);
        missAfterOneCame();
        assertThat(demand.target()).isEqualTo(MOST);
        missAfterOneCame();
        assertThat(demand.target()).isEqualTo(MOST);
    }

    @Test
    void growsOnceForABurst() {
        demand.missed();
        demand.missed();
        assertThat(demand.target()).isEqualTo(16);
    }

    @Test
    void fallsToTheFloorWhenNothingIsUsed() {
        demand.missed();
        demand.relax(16); // in this period none was left
        assertThat(demand.target()).isEqualTo(16);
        demand.relax(16);
        assertThat(demand.target()).isEqualTo(FLOOR);
        assertThat(demand.isAboveFloor()).isFalse();
        demand.relax(FLOOR);
        assertThat(demand.target()).isEqualTo(FLOOR);
    }

    @Test
    void keepsWhatAPeriodNeededAndHalfOfTheRest() {
        demand.missed();
        demand.relax(16);
        demand.taken(4); // 12 of 16 were in use at once
        demand.taken(9);
        demand.relax(16);
        assertThat(demand.target()).isEqualTo(14);
    }

    @Test
    void withoutAFloorThereAreNone() {
        SlotDemand none = new SlotDemand(0, MOST);
        none.missed();
        assertThat(none.target()).isZero();
    }

    @Test
    void aMostBelowTheFloorIsTheFloor() {
        SlotDemand fixed = new SlotDemand(FLOOR, 1);
        fixed.missed();
        assertThat(fixed.target()).isEqualTo(FLOOR);
    }
}
