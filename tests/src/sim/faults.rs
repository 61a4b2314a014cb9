//! What goes wrong, when, and for how long. Every fault is counted when it fires. Not here: crashes at commits, which come
//! by themselves (`office`), and what an evil gateway does (`evil`).

use std::sync::Arc;

use core::time::Duration;

use raccordo_admin::roster::Dates;
use raccordo_gateway::router::ConnectionId;
use raccordo_proto::ids::AgencyId;
use raccordo_proto::wire::{EquipeRole, State};

use super::{FAULTY, Happening, START, World, cast};
use crate::town::agency;

/// A fault that ends by itself.
#[derive(Clone)]
pub(super) enum Fault {
    CutOff(AgencyId),
    Slow(AgencyId),
    Evil,
    Skewed(AgencyId),
    Suspended(AgencyId),
    OutOfEquipe(usize, AgencyId, EquipeRole),
    Expired,
}

/// Offices that may be suspended or put out of an équipe for a while; the others refer all the time.
const PASSING: [&str; 5] = ["sil-rivabella", "cpi-rivabella", "sociale-rivabella", "cpi-collina", "cav-mimosa"];
/// The office that may be revoked: it refers, and it receives.
const REVOKED: &str = "sociale-collina";

impl World {
    /// The next fault, and when the one after it comes.
    pub(super) fn trouble(&mut self) {
        if self.calm {
            return;
        }
        let all: Vec<AgencyId> = cast::offices().collect();
        let Some(id) = self.pick(&all) else { return };
        match self.below(24) {
            0 if self.office(&id).up => self.crash(&id, &["at-rest"]),
            2 | 3 if self.office(&id).up => {
                self.fault("courier-dropped", &id);
                self.drop_courier(&id);
            }
            4..=6 => self.breaks(&id),
            7 | 8 => self.cut_off(id),
            9 if self.gateway.up => {
                self.fault("gateway-crash", &"");
                self.gateway_crashes();
            }
            10 | 11 => self.skew(id),
            12 | 13 => {
                self.fault("evil-gateway", &"");
                self.gateway.evil = true;
                self.lasts(10_000, 90_000, Fault::Evil);
            }
            14 => {
                self.fault("slow-line", &id);
                *self.gateway.slow.entry(id.clone()).or_default() += 1;
                self.lasts(10_000, 90_000, Fault::Slow(id));
            }
            15 => self.suspend(),
            1 | 16 => self.back_up(&id),
            18 | 22 => self.lose_disk(&id),
            17 => self.evict(),
            19 => self.revoke(),
            20 => self.let_expire(),
            21 if self.office(&id).up => self.crash(&id, &["at-rest"]),
            _ => {}
        }
        // Some two hundred draws in the faulty hour of a seed, and many find nothing to trouble.
        let wait = self.between(2_000, 34_000);
        self.after(wait, Happening::Trouble);
    }

    pub(super) fn lasts(&mut self, least: u64, most: u64, fault: Fault) {
        let wait = self.between(least, most);
        let calm = self.calm_at.minus(Duration::from_millis(1));
        self.at(self.now.plus(Duration::from_millis(wait)).min(calm), Happening::Over(fault));
    }

    fn breaks(&mut self, id: &AgencyId) {
        if let Some(connection) = self.office(id).connection {
            self.fault("line-broken", id);
            self.break_line(connection);
        }
    }

    fn cut_off(&mut self, id: AgencyId) {
        self.fault("partition", &id);
        *self.gateway.cut_off.entry(id.clone()).or_default() += 1;
        if let Some(connection) = self.office(&id).connection {
            self.break_line(connection);
        }
        self.lasts(10_000, 180_000, Fault::CutOff(id));
    }

    fn skew(&mut self, id: AgencyId) {
        let millis = i64::try_from(self.below(2_400_000)).unwrap_or(0) - 1_200_000;
        self.fault("clock-skew", &format!("{id} {millis}"));
        self.office(&id).skew = millis;
        self.lasts(60_000, 400_000, Fault::Skewed(id));
    }

    fn suspend(&mut self) {
        let Some(id) = self.pick(&PASSING).map(agency).filter(|id| !self.is_lied_to(id)) else { return };
        if self.state(&id) == Some(State::Active) {
            self.fault("suspended", &id);
            if self.is_second_day() {
                self.model.away.insert(id.clone());
            }
            self.set_state(&id, State::Suspended);
            self.publish(false);
            self.lasts(60_000, 500_000, Fault::Suspended(id));
        }
    }

    fn evict(&mut self) {
        let Some(id) = self.pick(&PASSING).map(agency) else { return };
        let found = self.roster.equipes.iter().enumerate().find_map(|(at, equipe)| {
            let role = equipe.members.iter().find(|(member, _)| *member == id)?.1;
            (equipe.members.len() > 2).then_some((at, role))
        });
        if let Some((at, role)) = found {
            self.fault("evicted", &id);
            self.roster.equipes[at].members.retain(|(member, _)| *member != id);
            self.publish(false);
            self.lasts(60_000, 500_000, Fault::OutOfEquipe(at, id, role));
        }
    }

    /// For good: in some seeds, and not before some letters have gone.
    fn revoke(&mut self) {
        let id = agency(REVOKED);
        if self.state(&id) == Some(State::Active) && self.now > START.plus(FAULTY / 2) && self.below(3) == 0 {
            self.fault("revoked", &id);
            let now = self.now;
            self.roster.revoke(&id, now);
            self.publish(false);
            // Nobody has told it yet: its people go on.
            [500, 3_000, 10_000].into_iter().for_each(|wait| self.after(wait, Happening::Refers(id.clone())));
        }
    }

    fn let_expire(&mut self) {
        self.fault("short-expiry", &"");
        self.publish(true);
        self.lasts(120_000, 400_000, Fault::Expired);
    }

    pub(super) fn state(&self, id: &AgencyId) -> Option<State> {
        self.roster.offices.iter().find(|office| office.id == *id).map(|office| office.state)
    }

    fn set_state(&mut self, id: &AgencyId, state: State) {
        if let Some(office) = self.roster.office_mut(id) {
            office.state = state;
        }
    }

    /// A fault ends.
    pub(super) fn over(&mut self, fault: Fault) {
        match fault {
            Fault::CutOff(id) => one_less(&mut self.gateway.cut_off, &id),
            Fault::Slow(id) => one_less(&mut self.gateway.slow, &id),
            Fault::Evil => self.gateway.evil = false,
            Fault::Skewed(id) => {
                self.note("clock-right", &id);
                self.office(&id).skew = 0;
            }
            Fault::Suspended(id) => {
                // One in twelve stays out.
                if self.state(&id) == Some(State::Suspended) && self.below(12) > 0 {
                    self.fault("resumed", &id);
                    self.set_state(&id, State::Active);
                    self.publish(false);
                }
            }
            Fault::OutOfEquipe(at, id, role) => {
                if self.below(12) > 0 {
                    self.fault("readmitted", &id);
                    self.roster.equipes[at].members.push((id, role));
                    self.publish(false);
                }
            }
            Fault::Expired => {
                if self.directory.expires() < self.now.plus(Duration::from_secs(86_400)) {
                    self.fault("renewed", &"");
                    self.publish(false);
                }
            }
        }
    }

    /// The admins sign the next version. Some offices get it by hand at once; the gateway may lag.
    pub(super) fn publish(&mut self, soon_over: bool) {
        let now = self.now;
        let mut dates = Dates::from_now(now);
        if soon_over {
            dates.expires = now.plus(Duration::from_millis(self.between(10_000, 120_000)));
        }
        let next = self.roster.publish(&self.vault, Some(&self.directory), dates, now).expect("a roster that holds");
        let before = self.directory.version();
        self.directory = Arc::new(next);
        self.history.push(self.directory.document().clone());
        self.note("publishes", &self.directory.version());
        for id in cast::offices().collect::<Vec<_>>() {
            if self.below(4) == 0 {
                self.counts.add("fault", "by-hand");
                let mine = self.office(&id).desk.directory().map_or(before, |directory| directory.version());
                let response = self.response(mine, before + 1);
                let wait = self.between(10, 2_000);
                self.after(wait, Happening::ByHand(id, mine, response));
            }
        }
        let lag = if self.below(3) == 0 { self.between(1_000, 120_000) } else { 0 };
        if lag > 0 {
            self.fault("gateway-lags", &lag);
        }
        self.after(lag, Happening::GatewayInstalls(self.directory.clone()));
    }

    /// No more faults: what is broken is heard of and comes back by itself.
    pub(super) fn be_calm(&mut self) {
        self.calm = true;
        self.gateway.evil = false;
        self.gateway.cut_off.clear();
        self.gateway.slow.clear();
        self.offices.values_mut().for_each(|office| office.skew = 0);
        if self.directory.expires() < self.now.plus(Duration::from_secs(86_400)) {
            self.publish(false);
        }
        let directory = self.directory.clone();
        self.gateway_installs(&directory);
        self.note("calm", &self.now.as_millis());
    }

    /// Streams that the gateway may not hold more than one of, per office.
    pub(super) fn live_lines(&self) -> impl Iterator<Item = &ConnectionId> {
        self.gateway.lines.iter().filter(|(_, line)| !line.dead).map(|(connection, _)| connection)
    }
}

fn one_less(of: &mut std::collections::BTreeMap<AgencyId, u32>, id: &AgencyId) {
    if let Some(times) = of.get_mut(id) {
        *times = times.saturating_sub(1);
        if *times == 0 {
            of.remove(id);
        }
    }
}
