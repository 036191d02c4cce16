//! The service's endpoints.

use alloc::format;
use alloc::string::String;

use super::region::Region;
use crate::error::Error;

/// An endpoint of the service: the URL to which requests go.
///
/// A pool is called in its own Region, or in the Region of a replica.
///
/// ```
/// use cognito_srp6a::{Endpoint, PoolId, Region};
///
/// let pool_id: PoolId = "us-gov-west-1_AbCdEfGhI".parse()?;
/// assert_eq!(Endpoint::new(&pool_id).url()?, "https://cognito-idp.us-gov-west-1.amazonaws.com/");
/// assert_eq!(Endpoint::new(&pool_id).with_fips().url()?, "https://cognito-idp-fips.us-gov-west-1.amazonaws.com/");
///
/// // A replica of the pool, over IPv4 and IPv6.
/// let replica: Region = "us-gov-east-1".parse()?;
/// assert_eq!(Endpoint::new(replica).with_dual_stack().url()?, "https://cognito-idp.us-gov-east-1.api.aws/");
/// # Ok::<(), cognito_srp6a::Error>(())
/// ```
///
/// The URLs are those of the service's endpoint rules, as the SDKs have them (botocore 1.44.8). The rules name a host for every Region.
/// Only [AWS's list](https://docs.aws.amazon.com/general/latest/gr/cognito_identity.html) says which Regions have one for FIPS.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    region: Region,
    fips: bool,
    dual_stack: bool,
}

impl Endpoint {
    /// The plain endpoint of a Region, or of a pool's own Region.
    #[must_use]
    pub fn new(region: impl Into<Region>) -> Self {
        Self { region: region.into(), fips: false, dual_stack: false }
    }

    /// Asks for the endpoint whose TLS is validated to FIPS 140.
    #[must_use]
    pub fn with_fips(self) -> Self {
        Self { fips: true, ..self }
    }

    /// Asks for the endpoint that has IPv4 and IPv6 addresses. In the partition `aws` that is the plain one.
    #[must_use]
    pub fn with_dual_stack(self) -> Self {
        Self { dual_stack: true, ..self }
    }

    /// The Region that is called, which `SigV4` signs.
    #[must_use]
    pub const fn region(&self) -> &Region {
        &self.region
    }

    /// The URL.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchEndpoint`] for FIPS or dual stack in a Region of no known partition, such as `local`. The plain endpoint of such
    /// a Region has the domain of the partition `aws`, as in the SDKs.
    pub fn url(&self) -> Result<String, Error> {
        let region = self.region.as_str();
        if !self.fips && !self.dual_stack {
            return Ok(plain_url(region));
        }
        let domains = Domains::of(region).ok_or(Error::NoSuchEndpoint)?;
        let domain = match (self.fips, self.dual_stack) {
            (true, true) => domains.fips_and_dual_stack,
            (false, true) => domains.dual_stack,
            _ => domains.plain,
        };
        let fips = if self.fips { "-fips" } else { "" };
        Ok(format!("https://cognito-idp{fips}.{region}.{domain}/"))
    }
}

/// Returns the URL of a Region's plain endpoint.
pub(super) fn plain_url(region: &str) -> String {
    let domain = Domains::of(region).map_or(AMAZONAWS, |domains| domains.plain);
    format!("https://cognito-idp.{region}.{domain}/")
}

const AMAZONAWS: &str = "amazonaws.com";

/// The domains of a Region's endpoints. A FIPS endpoint without dual stack has the plain one.
struct Domains {
    plain: &'static str,
    dual_stack: &'static str,
    fips_and_dual_stack: &'static str,
}

impl Domains {
    /// Returns the domains of a Region's partition. What stands before the Region's last word and its number names the partition.
    fn of(region: &str) -> Option<Self> {
        let (plain, dual_stack) = match region.rsplitn(3, '-').nth(2)? {
            "us" | "eu" | "ap" | "sa" | "ca" | "me" | "af" | "il" | "mx" => return Some(Self::of_aws(region)),
            "us-gov" => (AMAZONAWS, "api.aws"),
            "cn" => ("amazonaws.com.cn", "api.amazonwebservices.com.cn"),
            "eusc-de" => ("amazonaws.eu", "api.amazonwebservices.eu"),
            "us-iso" => ("c2s.ic.gov", "api.aws.ic.gov"),
            "us-isob" => ("sc2s.sgov.gov", "api.aws.scloud"),
            "eu-isoe" => ("cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
            "us-isof" => ("csp.hci.ic.gov", "api.aws.hci.ic.gov"),
            _ => return None,
        };
        Some(Self { plain, dual_stack, fips_and_dual_stack: dual_stack })
    }

    /// Returns the domains of a Region of the partition `aws`, in which the service's plain endpoints are dual-stack, and so are the
    /// FIPS endpoints of four Regions.
    fn of_aws(region: &str) -> Self {
        let fips_and_dual_stack = match region {
            "us-east-1" | "us-east-2" | "us-west-1" | "us-west-2" => AMAZONAWS,
            _ => "api.aws",
        };
        Self { plain: AMAZONAWS, dual_stack: AMAZONAWS, fips_and_dual_stack }
    }
}
