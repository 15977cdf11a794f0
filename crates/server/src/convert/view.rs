//! For whom a message is written, and in which territory's words.

use swerve_model::{Refusal, Revision, Role, TerritoryId};
use swerve_proto::v1;

use crate::convert::quantity::revision_message;

/// What every renderer needs besides the thing itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) territory: &'a TerritoryId,
    pub(crate) currency: &'a str,
    pub(crate) skills: &'a [String],
    pub(crate) role: Role,
}

impl View<'_> {
    /// A recipient sees nothing of other people's deliveries, nor which van brings theirs.
    pub(crate) const fn is_recipient(&self) -> bool {
        matches!(self.role, Role::Recipient)
    }

    /// What a change costs the operation is the operation's business.
    pub(crate) const fn sees_impact(&self) -> bool {
        match self.role {
            Role::Tms | Role::Dispatcher | Role::Operator | Role::Engine => true,
            Role::Driver | Role::Recipient => false,
        }
    }

    pub(crate) fn revision(&self, revision: Revision) -> v1::PlanRevision {
        revision_message(self.territory, revision)
    }

    /// Refusals, without what a recipient may not be told: a fact that names someone else's parcel
    /// or a van is left out.
    pub(crate) fn facts(&self, refusal: &Refusal) -> std::collections::BTreeMap<String, String> {
        const ABOUT_OTHERS: [&str; 4] = ["shipment", "manifest", "manifests", "depot"];
        let told = |name: &str| !self.is_recipient() || !ABOUT_OTHERS.contains(&name);
        refusal
            .facts
            .iter()
            .filter(|(name, _)| told(name))
            .map(|(name, fact)| (name.clone(), fact.clone()))
            .collect()
    }
}

#[cfg(test)]
pub(crate) mod test_view {
    use super::View;
    use crate::convert::test_terms::SKILLS;
    use swerve_model::{Role, TerritoryId};

    /// Runs `test` with the view of a role on territory `t1`.
    pub(crate) fn with_view<T>(role: Role, test: impl FnOnce(&View<'_>) -> T) -> T {
        let territory = TerritoryId::new("t1").expect("a name");
        let skills: Vec<String> = SKILLS.iter().map(|&skill| skill.to_owned()).collect();
        test(&View { territory: &territory, currency: "EUR", skills: &skills, role })
    }
}
