//! The service's endpoints.

use cognito_srp6a::{Endpoint, Error, PoolId, Region};

/// A Region, and the hosts of its endpoints: plain, dual stack, FIPS, FIPS and dual stack.
type Row = (&'static str, [&'static str; 4]);

/// What the endpoint rules of `cognito-idp` in botocore 1.44.8 give, with its `partitions.json`: every Region of the partitions with
/// few, and of `aws` those that the rules name and one for each beginning of a Region's code.
#[rustfmt::skip]
const ROWS: [Row; 25] = [
    // aws
    ("af-south-1", ["cognito-idp.af-south-1.amazonaws.com", "cognito-idp.af-south-1.amazonaws.com", "cognito-idp-fips.af-south-1.amazonaws.com", "cognito-idp-fips.af-south-1.api.aws"]),
    ("ap-southeast-7", ["cognito-idp.ap-southeast-7.amazonaws.com", "cognito-idp.ap-southeast-7.amazonaws.com", "cognito-idp-fips.ap-southeast-7.amazonaws.com", "cognito-idp-fips.ap-southeast-7.api.aws"]),
    ("ca-west-1", ["cognito-idp.ca-west-1.amazonaws.com", "cognito-idp.ca-west-1.amazonaws.com", "cognito-idp-fips.ca-west-1.amazonaws.com", "cognito-idp-fips.ca-west-1.api.aws"]),
    ("eu-central-1", ["cognito-idp.eu-central-1.amazonaws.com", "cognito-idp.eu-central-1.amazonaws.com", "cognito-idp-fips.eu-central-1.amazonaws.com", "cognito-idp-fips.eu-central-1.api.aws"]),
    ("eu-west-1", ["cognito-idp.eu-west-1.amazonaws.com", "cognito-idp.eu-west-1.amazonaws.com", "cognito-idp-fips.eu-west-1.amazonaws.com", "cognito-idp-fips.eu-west-1.api.aws"]),
    ("il-central-1", ["cognito-idp.il-central-1.amazonaws.com", "cognito-idp.il-central-1.amazonaws.com", "cognito-idp-fips.il-central-1.amazonaws.com", "cognito-idp-fips.il-central-1.api.aws"]),
    ("me-central-1", ["cognito-idp.me-central-1.amazonaws.com", "cognito-idp.me-central-1.amazonaws.com", "cognito-idp-fips.me-central-1.amazonaws.com", "cognito-idp-fips.me-central-1.api.aws"]),
    ("mx-central-1", ["cognito-idp.mx-central-1.amazonaws.com", "cognito-idp.mx-central-1.amazonaws.com", "cognito-idp-fips.mx-central-1.amazonaws.com", "cognito-idp-fips.mx-central-1.api.aws"]),
    ("sa-east-1", ["cognito-idp.sa-east-1.amazonaws.com", "cognito-idp.sa-east-1.amazonaws.com", "cognito-idp-fips.sa-east-1.amazonaws.com", "cognito-idp-fips.sa-east-1.api.aws"]),
    ("us-east-1", ["cognito-idp.us-east-1.amazonaws.com", "cognito-idp.us-east-1.amazonaws.com", "cognito-idp-fips.us-east-1.amazonaws.com", "cognito-idp-fips.us-east-1.amazonaws.com"]),
    ("us-east-2", ["cognito-idp.us-east-2.amazonaws.com", "cognito-idp.us-east-2.amazonaws.com", "cognito-idp-fips.us-east-2.amazonaws.com", "cognito-idp-fips.us-east-2.amazonaws.com"]),
    ("us-west-1", ["cognito-idp.us-west-1.amazonaws.com", "cognito-idp.us-west-1.amazonaws.com", "cognito-idp-fips.us-west-1.amazonaws.com", "cognito-idp-fips.us-west-1.amazonaws.com"]),
    ("us-west-2", ["cognito-idp.us-west-2.amazonaws.com", "cognito-idp.us-west-2.amazonaws.com", "cognito-idp-fips.us-west-2.amazonaws.com", "cognito-idp-fips.us-west-2.amazonaws.com"]),
    // aws-us-gov
    ("us-gov-east-1", ["cognito-idp.us-gov-east-1.amazonaws.com", "cognito-idp.us-gov-east-1.api.aws", "cognito-idp-fips.us-gov-east-1.amazonaws.com", "cognito-idp-fips.us-gov-east-1.api.aws"]),
    ("us-gov-west-1", ["cognito-idp.us-gov-west-1.amazonaws.com", "cognito-idp.us-gov-west-1.api.aws", "cognito-idp-fips.us-gov-west-1.amazonaws.com", "cognito-idp-fips.us-gov-west-1.api.aws"]),
    // aws-cn
    ("cn-north-1", ["cognito-idp.cn-north-1.amazonaws.com.cn", "cognito-idp.cn-north-1.api.amazonwebservices.com.cn", "cognito-idp-fips.cn-north-1.amazonaws.com.cn", "cognito-idp-fips.cn-north-1.api.amazonwebservices.com.cn"]),
    ("cn-northwest-1", ["cognito-idp.cn-northwest-1.amazonaws.com.cn", "cognito-idp.cn-northwest-1.api.amazonwebservices.com.cn", "cognito-idp-fips.cn-northwest-1.amazonaws.com.cn", "cognito-idp-fips.cn-northwest-1.api.amazonwebservices.com.cn"]),
    // aws-eusc
    ("eusc-de-east-1", ["cognito-idp.eusc-de-east-1.amazonaws.eu", "cognito-idp.eusc-de-east-1.api.amazonwebservices.eu", "cognito-idp-fips.eusc-de-east-1.amazonaws.eu", "cognito-idp-fips.eusc-de-east-1.api.amazonwebservices.eu"]),
    // aws-iso
    ("us-iso-east-1", ["cognito-idp.us-iso-east-1.c2s.ic.gov", "cognito-idp.us-iso-east-1.api.aws.ic.gov", "cognito-idp-fips.us-iso-east-1.c2s.ic.gov", "cognito-idp-fips.us-iso-east-1.api.aws.ic.gov"]),
    ("us-iso-west-1", ["cognito-idp.us-iso-west-1.c2s.ic.gov", "cognito-idp.us-iso-west-1.api.aws.ic.gov", "cognito-idp-fips.us-iso-west-1.c2s.ic.gov", "cognito-idp-fips.us-iso-west-1.api.aws.ic.gov"]),
    // aws-iso-b
    ("us-isob-east-1", ["cognito-idp.us-isob-east-1.sc2s.sgov.gov", "cognito-idp.us-isob-east-1.api.aws.scloud", "cognito-idp-fips.us-isob-east-1.sc2s.sgov.gov", "cognito-idp-fips.us-isob-east-1.api.aws.scloud"]),
    ("us-isob-west-1", ["cognito-idp.us-isob-west-1.sc2s.sgov.gov", "cognito-idp.us-isob-west-1.api.aws.scloud", "cognito-idp-fips.us-isob-west-1.sc2s.sgov.gov", "cognito-idp-fips.us-isob-west-1.api.aws.scloud"]),
    // aws-iso-e
    ("eu-isoe-west-1", ["cognito-idp.eu-isoe-west-1.cloud.adc-e.uk", "cognito-idp.eu-isoe-west-1.api.cloud-aws.adc-e.uk", "cognito-idp-fips.eu-isoe-west-1.cloud.adc-e.uk", "cognito-idp-fips.eu-isoe-west-1.api.cloud-aws.adc-e.uk"]),
    // aws-iso-f
    ("us-isof-east-1", ["cognito-idp.us-isof-east-1.csp.hci.ic.gov", "cognito-idp.us-isof-east-1.api.aws.hci.ic.gov", "cognito-idp-fips.us-isof-east-1.csp.hci.ic.gov", "cognito-idp-fips.us-isof-east-1.api.aws.hci.ic.gov"]),
    ("us-isof-south-1", ["cognito-idp.us-isof-south-1.csp.hci.ic.gov", "cognito-idp.us-isof-south-1.api.aws.hci.ic.gov", "cognito-idp-fips.us-isof-south-1.csp.hci.ic.gov", "cognito-idp-fips.us-isof-south-1.api.aws.hci.ic.gov"]),
];

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

#[test]
fn every_partition_has_the_endpoints_of_the_services_rules() {
    for (code, [plain, dual_stack, fips, both]) in ROWS {
        let endpoint = || Endpoint::new(region(code));
        let found = [
            (endpoint(), plain),
            (endpoint().with_dual_stack(), dual_stack),
            (endpoint().with_fips(), fips),
            (endpoint().with_fips().with_dual_stack(), both),
        ];
        for (endpoint, host) in found {
            assert_eq!(endpoint.url(), Ok(format!("https://{host}/")));
            assert_eq!((endpoint.region().as_str(), &*endpoint.region().to_string()), (code, code));
        }
    }
}

#[test]
fn a_pool_is_called_in_its_own_region_or_in_that_of_a_replica() {
    for (code, [plain, _, fips, _]) in ROWS {
        let pool_id: PoolId = format!("{code}_AbCdEfGhI").parse().unwrap();
        assert_eq!(pool_id.endpoint(), format!("https://{plain}/"));
        assert_eq!(Endpoint::new(&pool_id).url(), Ok(pool_id.endpoint()));
        assert_eq!(Endpoint::new(&pool_id).with_fips().url(), Ok(format!("https://{fips}/")));
        let replica = Endpoint::new(region("eu-west-3"));
        assert_eq!(replica.url().as_deref(), Ok("https://cognito-idp.eu-west-3.amazonaws.com/"));
    }
}

#[test]
fn a_region_of_no_known_partition_has_a_plain_endpoint_only() {
    for code in ["local", "xx-east-1", "us-new-east-1", "cn-x-north-1", "eusc-fr-east-1", "eusc-east-1"] {
        let endpoint = || Endpoint::new(region(code));
        assert_eq!(endpoint().url(), Ok(format!("https://cognito-idp.{code}.amazonaws.com/")));
        assert_eq!(endpoint().with_fips().url(), Err(Error::NoSuchEndpoint));
        assert_eq!(endpoint().with_dual_stack().url(), Err(Error::NoSuchEndpoint));
        assert_eq!(endpoint().with_fips().with_dual_stack().url(), Err(Error::NoSuchEndpoint));
        let pool_id: PoolId = format!("{code}_AbCdEfGhI").parse().unwrap();
        assert_eq!(pool_id.endpoint(), format!("https://cognito-idp.{code}.amazonaws.com/"));
    }
}
