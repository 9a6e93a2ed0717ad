"""The names of fields that tell what their value is, by the token type it gets.

Names are written in lower case with underscores; `fields` brings every casing style to that form.
"""

# ruff: noqa: E501 - a table of names

TEXT = "TEXT"
KEEP = "KEEP"
NAME = "NAME"  # a name, but of whom or of what only the surroundings tell

TABLE: dict[str, str] = {
    "PERSON": """
        full_name first_name last_name middle_name given_name family_name sur_name surname firstname
        lastname middlename fullname fname lname mname given family maiden_name mother_maiden_name
        maiden nickname preferred_name legal_name birth_name alias patient patient_name pt_name member_name
        subscriber_name insured_name guarantor_name person_name contact_name emergency_contact
        next_of_kin kin_name spouse spouse_name mother_name father_name guardian guardian_name
        parent_name child_name relative_name provider_name physician physician_name doctor
        doctor_name nurse nurse_name attending attending_physician attending_name referring_physician
        referring_provider ordering_provider ordering_physician surgeon surgeon_name clinician
        clinician_name practitioner practitioner_name prescriber prescriber_name pcp pcp_name
        employee_name user_full_name display_name caregiver caregiver_name proxy_name
        beneficiary_name policy_holder policyholder policy_holder_name dependent_name cardholder
        cardholder_name card_holder account_holder holder_name customer_name client_name
        signed_by author author_name written_by dictated_by ordered_by performed_by
        witness_name donor_name recipient_name""",
    "MRN": """
        mrn mrns medical_record medical_record_number medical_record_no record_number chart_number
        chart_no chart_id mr_number mr_no patient_number patient_no patient_id patient_ids pat_id pid
        hospital_number unit_number patient_identifier person_id emr_id ehr_id epi emrn""",
    "SSN": """
        ssn social_security social_security_number social_security_no ss_number ssn_last4 last4_ssn
        ssn4 national_id nin sin tax_id tin itin ein nhs_number""",
    "DATE": """
        dob date_of_birth birth_date birthdate birthday born birth_dt admission_date admit_date
        admitted_at admit_dt discharge_date discharged_at death_date date_of_death dod deceased_date
        service_date date_of_service dos visit_date encounter_date appointment_date appointment
        procedure_date surgery_date operation_date collected_at collection_date diagnosis_date
        onset_date effective_date enrollment_date start_date end_date date dated exam_date study_date
        prescribed_date fill_date filled_on immunization_date date_time datetime
        admission_datetime service_start service_end deceased_date_time birth_date_time issued
        recorded_date authored_on""",
    "AGE": "age patient_age age_years age_at_death age_at_visit",
    "PHONE": """
        phone phones phone_number telephone telephone_number tel mobile mobile_number mobile_phone cell
        cell_phone cellphone home_phone work_phone daytime_phone contact_number callback_number callback
        contact_phone phone_no pager pager_number phone1 phone2 sms_to whatsapp""",
    "FAX": "fax fax_number fax_no facsimile",
    "EMAIL": """
        email e_mail email_address mail_address contact_email email_addr emails recipient_email
        sender_email cc_email""",
    "ADDRESS": """
        address addresses address1 address2 address_1 address_2 address_line address_line1 address_line2
        address_line_1 address_line_2 addr street street_address street1 street2 street_name
        home_address mailing_address postal_address billing_address residence residential_address
        house_number apartment apt line1 line2 patient_address ship_to shipping_address""",
    "LOCATION": """
        city town village county county_name borough parish municipality district precinct
        neighborhood neighbourhood suburb ward_name birth_place birthplace place_of_birth
        city_name geo_location geolocation latitude longitude lat lon lng coordinates gps""",
    "ZIP": "zip zipcode zip_code zip5 zip4 zip_plus4 postal_code postcode post_code postal",
    "MEMBER_ID": """
        member_id member_number member_no memberid subscriber_id subscriber_number insurance_id
        insurance_number insurance_member_id policy_id policy_number policy_no group_number group_id
        group_no beneficiary_id beneficiary_number medicare_id medicaid_id mbi hicn hic_number
        health_plan_id plan_member_id insured_id card_id health_card health_card_number""",
    "ACCOUNT": """
        account account_number account_no account_id acct acct_number acct_no acct_id bank_account
        iban routing_number billing_account invoice_number invoice_id card_number credit_card
        credit_card_number card_no cc_number pan patient_account patient_account_number
        financial_number fin swift_bic""",
    "LICENSE": """
        license license_number license_no licence licence_number drivers_license driver_license
        driver_licence drivers_license_number dl_number dln certificate certificate_number
        certificate_no passport passport_number passport_no npi npi_number dea dea_number
        state_license provider_id provider_npi practitioner_id upin medical_license
        physician_id prescriber_npi prescriber_dea""",
    "VEHICLE": """
        vin vehicle_id vehicle_identification_number license_plate licence_plate plate plate_number
        plate_no vehicle_plate registration_plate tag_number""",
    "DEVICE": """
        device_id device_ids device_serial device_serial_number serial serial_number serial_no sn udi
        imei imsi meid mac mac_address device_identifier implant_serial implant_id lot_number
        device_udi pacemaker_serial hardware_id android_id idfa lot""",
    "URL": "url urls uri website web_site homepage home_page link portal_url profile_url href",
    "IP": "ip ip_address ipaddress ip_addr client_ip remote_ip source_ip remote_addr x_forwarded_for",
    "BIOMETRIC": """
        biometric biometrics biometric_id fingerprint finger_print fingerprint_id voiceprint voice_print
        retina_scan iris_scan iris_code face_id face_template facial_template dna_profile genome_id
        palm_print""",
    "PHOTO": """
        photo photos photo_url photograph photograph_url face_photo picture headshot image_url avatar
        selfie patient_photo face_image full_face_photo image_data""",
    "USER": "username user_name user_id userid login login_name screen_name handle account_name user",
    "SECRET": """
        password passwd pwd passphrase secret client_secret api_key apikey access_token
        refresh_token auth_token bearer_token private_key credential credentials session_token
        authorization cookie pin""",
    "ID": """
        claim_id claim_number claim_no encounter_id encounter_number visit_id visit_number csn accession
        accession_number accession_no specimen_id sample_id order_id order_number order_no rx_number
        prescription_number prescription_id rx_id case_id case_number appointment_id referral_id
        authorization_number auth_number prior_auth_number study_id study_uid subject_id participant_id
        record_id employee_id staff_id badge_number badge_id badge confirmation_number ticket_id
        tracking_number document_id document_number note_id result_id lab_id report_id family_id
        household_id donor_id customer_id client_id contact_id dependent_id guarantor_id
        transaction_id uuid guid control_number reference_number person_number identifier ids""",
    "FACILITY": """
        facility facility_name hospital hospital_name clinic clinic_name practice practice_name site_name
        organization organisation organization_name organisation_name employer employer_name school
        school_name pharmacy pharmacy_name department_name location_name service_provider
        managing_organization lab_name institution institution_name nursing_home room room_number
        bed bed_number""",
    "CONDITION": """
        diagnosis diagnoses dx condition conditions problem problems problem_list primary_diagnosis
        admitting_diagnosis secondary_diagnosis discharge_diagnosis comorbidity comorbidities
        diagnosis_code diagnosis_codes dx_code dx_codes icd10 icd_10 icd_code icd10_code icd
        chief_complaint reason_for_visit medical_history disease disorder indication
        principal_diagnosis illness allergy_to""",
    KEEP: """
        status state_code unit units currency language gender sex route dose_unit priority severity
        resource_type verb method mode format encoding action action_type dialect environment env
        dose strength frequency""",
    NAME: "name names title label subject owner recipient recipients to from sender cc bcc attention attn for",
}
